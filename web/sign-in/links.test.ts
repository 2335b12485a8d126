import { expect, it } from 'vitest';
import { nextAddress, readLink } from './links.js';

it.each([
  ['', '/'],
  ['?next=/graphiql', '/graphiql'],
  ['?next=%2F%3Fa%3D1%23b', '/?a=1#b'],
  ['?next=https://evil.example/x', '/'],
  ['?next=//evil.example', '/'],
  ['?next=/%5Cevil.example', '/'],
  ['?next=javascript:alert(1)', '/'],
  ['?next=http://[', '/'],
  ['?next=/..//evil.example', '//evil.example'],
])('leads on from /sign-in%s to %s, never to another site', (query, next) => {
  expect(nextAddress(`https://mail.example/sign-in${query}`)).toBe(`https://mail.example${next}`);
});

it.each([
  ['#abc-_9.anna%40example.org', { secret: 'abc-_9', email: 'anna@example.org' }],
  ['#abc', { secret: 'abc', email: '' }],
  ['#abc.%', { secret: 'abc', email: '' }],
  ['', { secret: '', email: '' }],
  ['#<b>', { secret: '', email: '' }],
])('reads the link behind %s', (hash, link) => {
  expect(readLink(hash)).toEqual(link);
});
