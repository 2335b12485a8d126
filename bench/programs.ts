import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PROGRAM_TOKEN, startProgram, urlOf } from '../src/testing/program.js';

/** The program as it is shipped, in a process of its own. */
export interface StartedProgram {
  pid: number;
  /** Where its API listens; null: it is a worker. */
  url: string | null;
  /** Ends it, at once, and waits for it. */
  kill(): Promise<void>;
}

/** Starts one, with the gateway's time-out and concurrency as they are by default. */
export async function openProgram(
  role: 'all' | 'api' | 'worker',
  to: { databaseUrl: string; gatewayUrl: string; dir: string },
): Promise<StartedProgram> {
  const dir = join(to.dir, `program-${role}`);
  await mkdir(dir, { recursive: true });
  const program = await startProgram({ ...to, dir, role, timeoutMs: 10_000, concurrency: 64 });
  return {
    pid: program.pid,
    url: role === 'worker' ? null : await urlOf(program),
    async kill() {
      program.kill('SIGKILL');
      await program.ended;
    },
  };
}

/** Has a mailing to everybody made by the API. @throws Error that shows the answer when it was not */
export async function createMailing(url: string, startsAt: Date): Promise<void> {
  const endsAt = new Date(startsAt.getTime() + 3_600_000);
  const query =
    'mutation ($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } userErrors { message } } }';
  const input = { name: 'bench', text: 'Hello', startsAt, endsAt };
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${PROGRAM_TOKEN}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const said = await answer.text();
  if (!said.includes('"mailing":{"id"')) throw new Error(`no mailing was made: ${said}`);
}
