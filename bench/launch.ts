import type pg from 'pg';
import { beginLaunch, launchChunk } from '../src/sending/launch.js';
import type { Bench } from './bench.js';
import { onStage } from './children.js';
import { clearMailings, insertMailing } from './dispatch-run.js';

/** One attempt's time-out, ms; nothing is near it. */
const TIMEOUT_MS = 10_000;

/** All messages of a mailing to everybody, as the launch makes them. @returns seconds */
async function launchRun(pool: pg.Pool, messages: number): Promise<number> {
  const mailingId = await insertMailing(pool);
  const begun = performance.now();
  await beginLaunch(pool, mailingId);
  let made = 0;
  for (let isOver = false; !isOver; ) {
    const chunk = await launchChunk(pool, mailingId, () => TIMEOUT_MS);
    made += chunk?.made ?? 0;
    isOver = chunk === null || chunk.completed;
  }
  const seconds = (performance.now() - begun) / 1_000;
  if (made !== messages) throw new Error(`${made} messages were made instead of ${messages}`);
  await clearMailings(pool);
  return seconds;
}

/** The same rows with the same keys and indexes in one statement, with nothing worked out and nothing counted. @returns seconds */
async function bareRun(pool: pg.Pool): Promise<number> {
  await pool.query(`create table bare_message (like message including all) with (fillfactor = 50)`);
  await pool.query('alter table bare_message add foreign key (client_id) references client (id)');
  const begun = performance.now();
  await pool.query(
    `insert into bare_message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
     select 1, row_number() over (order by id), id, phone, time_zone, attributes, 'OPEN', now(), now() + interval '1 hour', 1 from client order by id`,
  );
  const seconds = (performance.now() - begun) / 1_000;
  await pool.query('drop table bare_message');
  return seconds;
}

/** How fast a mailing's messages are made. */
export const launch: Bench = {
  name: 'launch',
  does: 'the messages of a mailing made from its clients, beside one bare INSERT … SELECT into a table with the same keys and indexes',
  sizes: { messages: 1_000_000 },
  run: async ({ runs, size, say }) =>
    onStage(async ({ withClients }) => {
      const messages = size('messages');
      const { pool } = await withClients(messages);
      const [bare, program]: [number[], number[]] = [[], []];
      for (let run = 1; run <= runs; run += 1) {
        await pool.query('checkpoint');
        bare.push(messages / (await bareRun(pool)));
        await pool.query('checkpoint');
        program.push(messages / (await launchRun(pool, messages)));
        const speed = (all: number[]) => `${Math.round(all.at(-1)!).toLocaleString('en')} rows/s`;
        say(`run ${run}: bare ${speed(bare)}, launch ${speed(program)}`);
      }
      return [
        {
          what: 'rows made',
          unit: 'rows/s',
          values: program,
          counterpart: { what: 'bare INSERT', values: bare },
          must: [
            { of: 'ratio', least: 0.8 },
            { of: 'median', least: 100_000 },
          ],
          why: 'The bare INSERT beside it says how many rows/s the machine has; a launch makes 10,000 a transaction, with the windows of their clients, counts and a change row.',
        },
      ];
    }),
};
