import type { UserAccount } from '../access/user-account.js';
import { findRunning } from '../embedded/running-file.js';
import { notFound } from '../graphql/parse-input.js';
import type { Call } from './call.js';
import type { Argument, Command } from './command.js';
import { FIRST, firstOf, momentText, toColumns } from './show.js';
import { CLI_ACTOR, type Program, withProgram } from './with-program.js';

const ROLE_NAMES = ['viewer', 'operator', 'admin'];
const WHO: Argument = { name: 'user', does: 'the user, by number or e-mail' };
const ROLE: Argument = { name: 'role', does: 'what this person may do', choices: ROLE_NAMES };

export const userAddCommand: Command = {
  name: 'user add',
  does: 'make an account, and a link by which its owner sets a password',
  more: 'The link is mailed where SMTP_URL is set, else it is printed: it works once, within an hour. `link --for <e-mail>` makes another.',
  args: [{ name: 'e-mail', does: 'what this person signs in with' }, ROLE],
  options: { name: { value: 'name', does: 'as others see this person; left out: the e-mail' } },
  json: true,
  examples: [{ line: 'user add ann@example.org operator --name Ann', does: 'let Ann in, as an operator' }],
  async run(call) {
    const { createUser } = await import('../access/users.js');
    const { parseNewUser } = await import('../access/user.inputs.js');
    const email = call.args['e-mail']!;
    const given = { email, role: call.args['role'], name: call.values['name'] ?? email };
    return await withProgram(call, async (program) => {
      const fields = Object.keys(given).map((field) => `input.${field}`);
      const invite = async () => {
        const user = await createUser(program.em, CLI_ACTOR, parseNewUser(given));
        return { user, link: await handLink(call, program, user) };
      };
      const { user, link } = await program.act('userInvite', null, fields, invite, (made) => made.user.id);
      if (call.json) call.sayJson({ user: shown(user), link });
      else {
        call.say(link ?? `A link to set a password is on its way to ${user.email}.`);
        if (link) call.complain('Hand it over: it opens once, within an hour, and lets its owner set a password.');
      }
      return 0;
    });
  },
};

export const userListCommand: Command = {
  name: 'user list',
  does: 'list everybody with an account',
  options: { first: FIRST },
  json: true,
  examples: [{ line: 'user list --json', does: 'list the newest fifty, for programs' }],
  async run(call) {
    const { listUsers } = await import('../access/users.js');
    const first = firstOf(call);
    return await withProgram(call, async ({ em }) => {
      const users = (await listUsers(em, { first, after: null })).slice(0, first).map(shown);
      if (call.json) call.sayJson(users);
      else {
        const rows = users.map(({ id, email, name, role, lastSignInAt, disabledAt }) => [
          ...[id, email, role, momentText(lastSignInAt), momentText(disabledAt), name],
        ]);
        call.say(toColumns(['id', 'e-mail', 'role', 'signed in', 'disabled', 'name'], rows));
      }
      return 0;
    });
  },
};

export const userRoleCommand: Command = {
  name: 'user role',
  does: 'give a user another role, from the next request on',
  more: 'The last admin who can sign in stays one.',
  args: [WHO, ROLE],
  json: true,
  examples: [{ line: 'user role ann@example.org viewer', does: 'let Ann see everything and change nothing' }],
  run: (call) => update(call, { role: call.args['role'] }),
};

export const userDisableCommand: Command = {
  name: 'user disable',
  does: 'let a user sign in no more; every session of theirs is over',
  more: 'The last admin who can sign in stays enabled.',
  args: [WHO],
  options: { undo: { does: 'let this user sign in again' } },
  json: true,
  examples: [
    { line: 'user disable ann@example.org', does: 'keep Ann out' },
    { line: 'user disable ann@example.org --undo', does: 'let Ann in again' },
  ],
  run: (call) => update(call, { disabled: !call.flags.has('undo') }),
};

async function update(call: Call, changes: Record<string, unknown>): Promise<0> {
  const { updateUser } = await import('../access/users.js');
  const { parseUserChanges } = await import('../access/user.inputs.js');
  const byProvider = call.config().oidc !== null;
  await withProgram(call, async ({ em, act }) => {
    const id = await idOf(em, call.args['user']!);
    const fields = ['id', ...Object.keys(changes).map((field) => `input.${field}`)];
    const user = await act('userUpdate', id, fields, () =>
      updateUser(em, { id, changes: parseUserChanges(changes), actor: CLI_ACTOR, byProvider }),
    );
    if (call.json) call.sayJson(shown(user));
    else
      call.say(
        `${user.email} is ${user.role}${user.disabledAt ? `, disabled since ${momentText(user.disabledAt)}` : ''}.`,
      );
    return 0;
  });
  return 0;
}

/** @throws AppError NOT_FOUND where nobody has the e-mail */
async function idOf(em: Program['em'], given: string): Promise<string> {
  if (!given.includes('@')) return given;
  const { UserAccount } = await import('../access/user-account.js');
  const user = await em.findOne(UserAccount, { email: given.trim().toLowerCase() });
  if (user === null) throw notFound('user');
  return user.id;
}

/** By letter where that is set up; else whoever sits here hands it over. */
async function handLink(call: Call, { pool, log }: Program, user: UserAccount): Promise<string | null> {
  const { AuditLog } = await import('../access/audit-log.js');
  const { createSignIn } = await import('../access/sign-in-parts.js');
  const config = call.config();
  const base = config.publicUrl ?? findRunning(config.dataDir)?.url ?? `http://${config.host}:${config.port}`;
  return await createSignIn({ pool, config, log, audit: new AuditLog(pool, log) }, () => base).links.hand(user);
}

function shown({ id, email, name, role, createdAt, lastSignInAt, disabledAt }: UserAccount) {
  return { id, email, name, role, createdAt, lastSignInAt, disabledAt };
}
