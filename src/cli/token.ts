import type { ApiToken } from '../access/api-token.js';
import type { Command } from './command.js';
import { FIRST, firstOf, listOf, momentText, toColumns } from './show.js';
import { CLI_ACTOR, withProgram } from './with-program.js';

export const tokenCreateCommand: Command = {
  name: 'token create',
  does: 'make a token for a program, and print its secret, this once',
  more: 'No user stands behind it: it holds until it expires or is revoked. Programs send it as `Authorization: Bearer <secret>`.',
  args: [{ name: 'name', does: 'what it is for; history shows it as token:<name>' }],
  options: {
    scopes: {
      value: 'permissions',
      does: 'what it may do, as mailings:read,clients:read (docs/access.md has all); left out: all',
    },
    expires: { value: 'moment', does: 'until when it holds, as 2030-01-01T00:00:00Z; left out: until it is revoked' },
  },
  json: true,
  examples: [
    {
      line: 'token create reports --scopes mailings:read',
      does: 'make a token that sees mailings and changes nothing',
    },
    { line: 'token create ci --expires 2030-01-01T00:00:00Z --json', does: 'make one that expires, and print JSON' },
  ],
  async run(call) {
    const { createToken } = await import('../access/api-tokens.js');
    const { parseNewToken } = await import('../access/api-token.inputs.js');
    const { ALL_PERMISSIONS } = await import('../access/permission.js');
    const { expires, scopes } = call.values;
    const given = { name: call.args['name'], scopes: listOf(scopes) ?? [...ALL_PERMISSIONS], expiresAt: expires };
    const fields = Object.keys(given).map((field) => `input.${field}`);
    return await withProgram(call, async ({ em, act }) => {
      const create = () => createToken(em, CLI_ACTOR, parseNewToken(given));
      const { token, secret } = await act('tokenCreate', null, fields, create, (made) => made.token.id);
      if (call.json) call.sayJson({ token: shown(token), secret });
      else {
        call.say(secret);
        call.complain('This is shown once: keep it where secrets are kept.');
      }
      return 0;
    });
  },
};

export const tokenListCommand: Command = {
  name: 'token list',
  does: "list everybody's tokens, with those that are over",
  options: { first: FIRST },
  json: true,
  examples: [{ line: 'token list', does: 'list the newest fifty' }],
  async run(call) {
    const { listTokens } = await import('../access/api-tokens.js');
    const first = firstOf(call);
    return await withProgram(call, async ({ em }) => {
      const tokens = (await listTokens(em, undefined, { first, after: null })).slice(0, first).map(shown);
      if (call.json) call.sayJson(tokens);
      else {
        const rows = tokens.map(({ id, name, prefix, scopes, createdBy, lastUsedAt, expiresAt, revokedAt }) => [
          ...[id, prefix, momentText(lastUsedAt), momentText(expiresAt), momentText(revokedAt), createdBy, name],
          scopes.join(','),
        ]);
        call.say(toColumns(['id', 'begins', 'last used', 'expires', 'revoked', 'made by', 'name', 'scopes'], rows));
      }
      return 0;
    });
  },
};

export const tokenRevokeCommand: Command = {
  name: 'token revoke',
  does: 'end a token for good',
  more: 'Its live connections end within five seconds. One that was revoked before keeps its date.',
  args: [{ name: 'id', does: 'the token, by its number' }],
  json: true,
  examples: [{ line: 'token revoke 7', does: 'end token 7' }],
  async run(call) {
    const { revokeToken } = await import('../access/api-tokens.js');
    const id = call.args['id']!;
    return await withProgram(call, async ({ em, act }) => {
      const token = await act('tokenRevoke', id, ['id'], () => revokeToken(em, CLI_ACTOR, id));
      if (call.json) call.sayJson(shown(token));
      else call.say(`Token ${token.id} (${token.name}) is revoked since ${momentText(token.revokedAt)}.`);
      return 0;
    });
  },
};

function shown({ id, name, prefix, scopes, userId, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt }: ApiToken) {
  return { id, name, prefix, scopes, userId, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt };
}
