import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { By } from '../access/actor.js';
import type { NewMailing } from '../mailing/mailing.inputs.js';
import { AudienceFilter, UnknownOutcome } from '../mailing/mailing.js';
import {
  draw,
  drawEvery,
  hindranceOf,
  isOver,
  progressLine,
  type Screen,
  type ShownProgress,
  type Waiting,
} from './progress-line.js';

/** What the demo is played with; the same functions that the API uses. */
export interface DemoParts {
  pool: pg.Pool;
  createMailing(mailing: NewMailing, by: By): Promise<{ id: string }>;
  /** CSV file with the example clients. */
  clientsFile: string;
  importClients(source: Readable): Promise<{ imported: number }>;
  screen: Screen;
  /** Whether the scheduler reaches the store of its jobs. */
  schedulerReady(): boolean;
  /** Ends the drawing; the mailing goes on with the next start. */
  stop: AbortSignal;
}

/** How long a demo mailing may take before what is left of it expires, in ms. */
const DEMO_LIFE_MS = 24 * 3_600_000;
/** The text that goes to the simulator, so that a personal one is seen at work. */
const DEMO_TEXT = 'Здравствуйте, {{ name | default: "друг" }}! Гелиограф передаёт вам привет.';

/**
 * Loads the example clients when there is none, creates a mailing to all of them and draws it until it is done. One that
 * an earlier start left unfinished is drawn instead.
 */
export async function runDemo(parts: DemoParts): Promise<void> {
  await loadClients(parts);
  const id = (await findUnfinished(parts.pool)) ?? (await createNext(parts));
  await drawUntilOver(parts, id);
}

async function loadClients({ pool, clientsFile, importClients, screen }: DemoParts): Promise<void> {
  const { rows } = await pool.query<{ empty: boolean }>('select not exists (select from client) as empty');
  if (!rows[0]?.empty) return;
  const { imported } = await importClients(createReadStream(clientsFile));
  screen.write(`  ${imported.toLocaleString('en-US')} example clients loaded\n`);
}

async function findUnfinished(pool: pg.Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from mailing
     where name ~ '^Demo [0-9]+$' and status in ('SCHEDULED', 'RUNNING', 'PAUSED') and deleted_at is null
     order by id desc limit 1`,
  );
  return rows[0]?.id;
}

async function createNext({ pool, createMailing }: DemoParts): Promise<string> {
  const { rows } = await pool.query<{ next: number }>(
    `select coalesce(max(substring(name from '^Demo ([0-9]{1,8})$')::int), 0) + 1 as next from mailing`,
  );
  const mailing: NewMailing = {
    name: `Demo ${rows[0]?.next ?? 1}`,
    text: DEMO_TEXT,
    filter: { ...new AudienceFilter() },
    startsAt: null,
    endsAt: new Date(Date.now() + DEMO_LIFE_MS),
    // No window: it should be seen whatever the hour, and reaches nobody.
    allowedFrom: null,
    allowedTo: null,
    weekdays: null,
    rateLimit: null,
    maxAttempts: null,
    unknownOutcome: UnknownOutcome.RETRY,
    channel: 'gateway',
  };
  return (await createMailing(mailing, { name: 'demo' })).id;
}

async function drawUntilOver({ pool, screen, stop, schedulerReady }: DemoParts, id: string): Promise<void> {
  for (let shown = '', before: ShownProgress | undefined; ; ) {
    const progress = await readProgress(pool, id);
    // Open messages are looked through only while nothing moves.
    const still = progress && progress.open === before?.open;
    const hindrance = still ? hindranceOf(progress.open, await readWaiting(pool, id), schedulerReady()) : null;
    before = progress;
    const over = progress === undefined || isOver(progress) || stop.aborted;
    // Without a terminal a mailing that waits would fill the file with the same line.
    const line = progress ? progressLine(progress, hindrance) : 'the demo mailing was deleted';
    if (line !== shown || over) draw(screen, line, over);
    shown = line;
    if (over) return;
    await sleep(drawEvery(screen), undefined, { signal: stop }).catch(() => {});
  }
}

/** @returns undefined when somebody deleted it */
async function readProgress(pool: pg.Pool, id: string): Promise<ShownProgress | undefined> {
  const { rows } = await pool.query<ShownProgress>(
    `select name, status, total, open, sent, failed, expired, cancelled, unknown,
       coalesce(extract(epoch from coalesce(finished_at, clock_timestamp()) - launched_at), 0)::float8 as seconds
     from mailing where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0];
}

/** A message that was taken in hand before this process was there, and still is, was left behind by another one. */
export async function readWaiting(pool: pg.Pool, id: string, uptimeSeconds = process.uptime()): Promise<Waiting> {
  const { rows } = await pool.query<Waiting>(
    `select count(*) filter (where waiting_for = 'RETRY' and lease_until is null and due_at > now())::int as retry,
       count(*) filter (where lease_until > now() and claimed_at < now() - $2 * interval '1 second')::int as lost,
       exists (select from sending_stop where resumed_at is null) as stopped
     from message where mailing_id = $1 and status = 'OPEN' and kind = 'CAMPAIGN'`,
    [id, uptimeSeconds],
  );
  return rows[0] ?? { retry: 0, lost: 0, stopped: false };
}
