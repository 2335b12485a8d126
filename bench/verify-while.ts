import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type pg from 'pg';

/** A mailing that one worker sends to clients with a tag. */
export interface LiveMailing {
  /** From the beginning of the launch to the last recorded message. */
  messagesPerSecond: number;
  /** How often `look` was done while it ran, and how long each took, s. */
  looks: number[];
}

/** Sends a mailing, and looks on meanwhile. @param look done again and again until the mailing is over; null: nobody looks */
export async function sendTo(
  tag: string,
  o: {
    pool: pg.Pool;
    databaseUrl: string;
    gatewayUrl: string;
    look: (() => Promise<unknown>) | null;
    /** Messages a second at the most; it is left after three looks. Nothing: as fast as it goes, to its end. */
    rateLimit?: number;
  },
): Promise<LiveMailing> {
  const { rows } = await o.pool.query<{ id: string }>(
    `insert into mailing (name, text, filter, starts_at, ends_at, status, rate_limit)
     values ('bench', 'Hello', jsonb_build_object('operatorCodes', '[]'::jsonb, 'tagsAny', '[]'::jsonb, 'timeZones', '[]'::jsonb,
       'tagsAll', jsonb_build_array($1::text)), clock_timestamp(), clock_timestamp() + interval '1 hour', 'SCHEDULED', $2) returning id`,
    [tag, o.rateLimit ?? null],
  );
  const worker = fork(join(import.meta.dirname, 'dispatch-process.js'), [o.databaseUrl, o.gatewayUrl], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(worker, 'message');
  const looks: number[] = [];
  for (;;) {
    const { rows: done } = await o.pool.query<{ speed: number }>(
      `select total / extract(epoch from finished_at - launched_at)::float8 as speed from mailing where id = $1 and status = 'COMPLETED'`,
      [rows[0]!.id],
    );
    if (done[0] || (o.rateLimit !== undefined && looks.length === 3)) {
      worker.send('report');
      await once(worker, 'exit');
      return { messagesPerSecond: done[0]?.speed ?? 0, looks };
    }
    const begun = performance.now();
    if (o.look === null) await new Promise((resolve) => setTimeout(resolve, 50));
    else {
      await o.look();
      looks.push((performance.now() - begun) / 1_000);
    }
  }
}
