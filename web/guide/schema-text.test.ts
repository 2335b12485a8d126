import { describe, expect, it } from 'vitest';
import { definitionsOf, mentioning, stretchesOf } from './schema-text.js';

const SDL = `"""
A person to reach.

Hidden, never erased, when deleted.
"""
type Client {
  id: ID!

  """The phone, digits only."""
  phone: PhoneNumber!
}

scalar PhoneNumber

enum MailingStatus {
  DRAFT
  RUNNING
}
`;

describe('the schema on the API guide', () => {
  it('keeps a description, empty lines included, with its definition', () => {
    const definitions = definitionsOf(SDL);
    expect(definitions).toHaveLength(3);
    expect(definitions[0]).toMatch(/^"""\nA person[\s\S]*\n}$/);
    expect(definitions.join('\n\n')).toBe(SDL.trim());
  });

  it('finds what mentions a word, whatever its case', () => {
    expect(mentioning(definitionsOf(SDL), ' phonenumber ')).toHaveLength(2);
    expect(mentioning(definitionsOf(SDL), 'nowhere')).toEqual([]);
    expect(mentioning(definitionsOf(SDL), '')).toHaveLength(3);
  });

  it('tells descriptions from code, and marks each match', () => {
    const stretches = stretchesOf(definitionsOf(SDL)[0]!, 'phone');
    expect(stretches.map(({ text }) => text).join('')).toBe(`${definitionsOf(SDL)[0]}\n`);
    expect(stretches.filter(({ kind }) => kind === 'match').map(({ text }) => text)).toEqual([
      'phone',
      'phone',
      'Phone',
    ]);
    expect(stretches.find(({ text }) => text.includes('Hidden'))?.kind).toBe('description');
    expect(stretches.find(({ text }) => text.includes('id: ID!'))?.kind).toBe('code');
  });
});
