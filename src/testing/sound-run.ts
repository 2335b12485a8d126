import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { LedgerLine } from '../simulator/ledger-entry.js';
import type { Finding } from '../verify/check.js';

/** What is broken, in words, with the ids. */
export async function broken(findings: Promise<Finding[]>): Promise<string[]> {
  const wrong = (await findings).filter((finding) => finding.broken > 0);
  return wrong.map((f) => `${f.invariant} ${f.subject}, ${f.must}: ${f.examples.join(' ')}`);
}

/** When the run's mailings start: a Saturday noon in Moscow. */
const START = Date.parse('2026-11-21T09:00:00Z');
const MINUTE = 60_000;

/** A moment of the run, as an ISO date. @param ms after the start */
export function at(ms: number): string {
  return new Date(START + ms).toISOString();
}

/** The end of both mailings, ms after the start. */
export const END = 60 * MINUTE;
/** The first mailing is paused here and resumed a minute later. */
export const PAUSE = 20 * MINUTE;
export const RESUME = 21 * MINUTE;
/** Client 9 opts out here. */
export const OPT_OUT = 10 * MINUTE;

/** Ids of the first mailing's messages, which are those of its clients too: what became of each. */
export const SENT = [1, 2, 3, 4, 5];
export const SENT_AFTER_503 = 6;
export const SENT_AFTER_DROP = 7;
export const FAILED = 8;
export const OPTED_OUT = 9;
export const UNKNOWN = 10;
/** Messages of the second mailing, to the same clients in the same order: it has allowed hours and a limit of 2/s. */
export const LIMITED = [11, 12, 13, 14, 15, 16, 17, 18, 20];

/** The rows and the ledger of two mailings that went as they should, to be spoiled one thing at a time. */
export interface SoundRun {
  lines: LedgerLine[];
  /** Adds a request to the ledger: accepted and answered with OK, unless said otherwise. */
  request(id: number, ms: number, facts?: Partial<LedgerLine>): void;
  /** Writes the ledger to a file. @returns its path */
  ledgerFile(): string;
  remove(): void;
}

const NO = { status: 503, code: 503, accepted: false };
const SILENCE = { status: null, code: null, complete: false };

export async function makeSoundRun(pool: pg.Pool): Promise<SoundRun> {
  await pool.query(CLIENTS);
  await insertMailing(pool, 1, { status: 'COMPLETED', counts: '10, 0, 7, 1, 0, 1, 1' });
  await insertMailing(pool, 2, {
    status: 'COMPLETED',
    hours: ['09:00', '21:00'],
    limit: 2,
    counts: '9, 0, 9, 0, 0, 0, 0',
  });
  await pool.query(MESSAGES);
  await pool.query(HISTORY, [at(PAUSE), at(RESUME), at(OPT_OUT)]);
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-ledger-'));
  const run: SoundRun = {
    lines: [],
    request(id, ms, facts = {}) {
      const phone = 79_000_000_000 + (id > 10 ? id - 10 : id);
      const line = { seq: run.lines.length + 1, id, phone, hash: `payload-${id}`, at: START + ms };
      run.lines.push({ ...line, status: 200, code: 0, accepted: true, complete: true, ...facts });
    },
    ledgerFile() {
      const file = join(dir, 'ledger.jsonl');
      writeFileSync(file, run.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return file;
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
  for (const id of SENT) run.request(id, 1_000 + id);
  run.request(SENT_AFTER_503, 2_000, NO);
  run.request(SENT_AFTER_503, 5_000);
  run.request(SENT_AFTER_DROP, 2_000, { ...SILENCE, accepted: true });
  run.request(SENT_AFTER_DROP, 15_000, { repeat: true });
  run.request(FAILED, 2_000, { status: 400, code: 400, accepted: false });
  run.request(UNKNOWN, 2_000, { ...SILENCE, accepted: true });
  // Two a second, evenly.
  for (const [index, id] of LIMITED.entries()) run.request(id, 2 * MINUTE + index * 500);
  return run;
}

/** Client 9 is the one of the first mailing who opted out; the second mailing was made later and leaves him out. */
const CLIENTS = `
  insert into client (id, phone, operator_code, time_zone, created_at, updated_at, opted_out_at)
  select n, (79000000000 + n)::text, '900', 'Europe/Moscow', '${at(-60 * MINUTE)}', case n when 9 then '${at(OPT_OUT)}' else '${at(-60 * MINUTE)}' end::timestamptz,
    case n when 9 then '${at(OPT_OUT)}'::timestamptz end
  from generate_series(1, 10) n`;

interface MailingFacts {
  status: string;
  hours?: [string, string];
  limit?: number;
  /** total, open, sent, failed, expired, cancelled, unknown */
  counts: string;
}

async function insertMailing(pool: pg.Pool, id: number, facts: MailingFacts): Promise<void> {
  const [from, to] = facts.hours ?? [null, null];
  await pool.query(
    `insert into mailing (id, name, text, filter, starts_at, ends_at, allowed_from, allowed_to, rate_limit, status, launched_at,
       launch_completed_at, finished_at, total, open, sent, failed, expired, cancelled, unknown)
     values ($1, 'sound', 'Hello', '{"operatorCodes": [], "tagsAny": [], "tagsAll": [], "timeZones": []}', $2, $3, $4, $5, $6, $7, $2, $2, $3,
       ${facts.counts})`,
    [id, at(0), at(END), from, to, facts.limit ?? null, facts.status],
  );
  await pool.query(
    `insert into mailing_event (mailing_id, at, kind, by, details)
     select id, moment, kind, 'admin', jsonb_build_object('startsAt', starts_at, 'endsAt', ends_at, 'allowedFrom', allowed_from,
       'allowedTo', allowed_to, 'weekdays', weekdays, 'plan', plan, 'rateLimit', rate_limit)
     from mailing, (values ('CREATED', $2::timestamptz), ('LAUNCHED', $3)) as step (kind, moment) where id = $1`,
    [id, at(-10 * MINUTE), at(0)],
  );
}

const MESSAGES = `
  insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, fence, uncertain)
  select 1, n, n, (79000000000 + n)::text, 'Europe/Moscow', '{}'::jsonb,
    case n when ${FAILED} then 'FAILED' when ${OPTED_OUT} then 'CANCELLED' when ${UNKNOWN} then 'UNKNOWN' else 'SENT' end,
    '${at(0)}'::timestamptz, '${at(END)}'::timestamptz, 1, case when n in (${SENT_AFTER_503}, ${SENT_AFTER_DROP}) then 2 else 1 end,
    n in (${SENT_AFTER_DROP}, ${UNKNOWN})
  from generate_series(1, 10) n
  union all
  select 2, n, n - 10, (79000000000 + n - 10)::text, 'Europe/Moscow', '{}', 'SENT', '${at(0)}', '${at(END)}', 1, 1, false
  from unnest('{${LIMITED.join(',')}}'::int[]) n`;

const HISTORY = `
  with pauses as (
    insert into mailing_event (mailing_id, at, kind, by) values (1, $1, 'PAUSED', 'admin'), (1, $2, 'RESUMED', 'admin')
  )
  insert into client_event (client_id, at, kind, by) values (${OPTED_OUT}, $3, 'OPTED_OUT', 'admin')`;
