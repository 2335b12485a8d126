import { setTimeout as sleep } from 'node:timers/promises';
import { PROGRAM_TOKEN, urlOf } from '../src/testing/program.js';
import type { Bench } from './bench.js';
import { ask, type BenchDatabase, endAll, onStage, start, startShipped } from './children.js';
import { clearMailings } from './dispatch-run.js';

/** How far ahead the start is, ms: the program has come to rest by then. */
const AHEAD_MS = 3_000;

/** It comes sooner than this or something is wrong, ms. */
const GIVE_UP_MS = 60_000;

/** By the API, so that the bell is rung at its start; the sweep would come up to a second later. @throws Error with the answer when there is no mailing */
async function createMailing(url: string, startsAt: Date): Promise<void> {
  const endsAt = new Date(startsAt.getTime() + 3_600_000);
  const query =
    'mutation ($input: MailingInput!) { mailingCreate(input: $input) { userErrors { message } mailing { id } } }';
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${PROGRAM_TOKEN}` },
    body: JSON.stringify({ query, variables: { input: { name: 'bench', text: 'Hello', startsAt, endsAt } } }),
  });
  const said = await answer.text();
  if (!said.includes('"mailing":{"id"')) throw new Error(`no mailing was made: ${said}`);
}

/** From the start of a mailing to everybody to the first request at the sink, ms, by a program that was just started. */
async function firstRun({ databaseUrl, pool }: BenchDatabase, dir: string): Promise<number> {
  const sink = start('sink.js');
  const { url: gatewayUrl } = await ask(sink);
  const program = await startShipped('all', { databaseUrl, gatewayUrl, dir });
  try {
    const startsAt = new Date(Date.now() + AHEAD_MS);
    await createMailing(await urlOf(program), startsAt);
    for (;;) {
      await sleep(100);
      const { firstAt } = await ask(sink, 'report');
      if (firstAt !== null) return firstAt - startsAt.getTime();
      if (Date.now() > startsAt.getTime() + GIVE_UP_MS) throw new Error('nothing was sent');
    }
  } finally {
    await endAll([program]);
    sink.disconnect();
    await clearMailings(pool);
  }
}

/** How long a mailing's first message waits. */
export const firstSend: Bench = {
  name: 'first-send',
  does: "from a mailing's start, which the API was told, to the first request at the sink; one process, just started",
  sizes: { audience: 1_000_000, small: 1_000 },
  run: async ({ runs, size, say }) =>
    onStage(async ({ withClients, dir }) => {
      const large = await withClients(size('audience'));
      const small = await withClients(size('small'));
      const [slow, fast]: [number[], number[]] = [[], []];
      for (let run = 1; run <= runs; run += 1) {
        fast.push(await firstRun(small, dir));
        slow.push(await firstRun(large, dir));
        say(`run ${run}: ${Math.round(slow.at(-1)!)} ms, with few clients ${Math.round(fast.at(-1)!)} ms`);
      }
      return [
        {
          what: `audience ${size('audience').toLocaleString('en')}`,
          unit: 'ms',
          values: slow,
          counterpart: { what: `audience ${size('small').toLocaleString('en')}`, values: fast },
          must: [
            { of: 'median', most: 1_000 },
            { of: 'ratio', most: 3 },
          ],
        },
      ];
    }),
};
