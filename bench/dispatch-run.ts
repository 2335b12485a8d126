import type pg from 'pg';
import { ask, start } from './children.js';

/** What sending all of them came to. */
export interface Run {
  messagesPerSecond: number;
  /** µs of one core a message. */
  nodeMicros: number;
  sinkMicros: number;
  /** Resident memory at its highest, MB. */
  memory: number;
}

/**
 * Sends a mailing to everybody by one worker of its own, to a sink of its own.
 *
 * @param messages how many clients there are
 */
export async function dispatchRun(databaseUrl: string, pool: pg.Pool, messages: number): Promise<Run> {
  const micros = (cpu: NodeJS.CpuUsage) => (cpu.user + cpu.system) / messages;
  const sink = start('sink.js');
  const { url } = await ask(sink);
  const worker = start('dispatch-process.js', databaseUrl, url);
  await ask(worker);
  const { rows } = await pool.query<{ id: string }>(
    `insert into mailing (name, text, filter, starts_at, ends_at, status)
     values ('bench', 'Hello', '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}', clock_timestamp(), clock_timestamp() + interval '1 hour', 'SCHEDULED') returning id`,
  );
  for (;;) {
    const { rows: done } = await pool.query<{ seconds: number; sent: number }>(
      `select extract(epoch from finished_at - launched_at)::float8 as seconds, sent from mailing where id = $1 and status = 'COMPLETED'`,
      [rows[0]!.id],
    );
    if (done[0]) {
      const { cpu, memory } = await ask(worker, 'report');
      const report = await ask(sink, 'report');
      if (done[0].sent !== messages || report.requests !== messages)
        throw new Error(`${report.requests} requests, ${done[0].sent} sent instead of ${messages}`);
      sink.disconnect();
      return {
        messagesPerSecond: messages / done[0].seconds,
        nodeMicros: micros(cpu),
        sinkMicros: micros(report.cpu),
        memory,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
