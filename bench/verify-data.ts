import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';

/** When the mailings of the bench start: a Saturday, 14:00 in Moscow. */
const START = Date.parse('2026-11-21T11:00:00Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const MINUTE = 60_000;

/** Requests a second of each mailing. */
const RATE = 5_000;
/** One in so many is refused at first, and goes out a minute later. */
const REFUSED = 50;

/**
 * Two mailings to half of the clients each, that went as they should: one with allowed hours and weekdays over eleven
 * zones, one that was paused, both with a limit. A hundredth of the clients opted out when all was over. Each client has
 * a tag `tenth 0` to `tenth 9`.
 */
export async function insertRun(pool: pg.Pool, messages: number): Promise<void> {
  const half = messages / 2;
  await pool.query(
    `insert into client (id, phone, operator_code, tags, time_zone, created_at, updated_at, opted_out_at)
     select n, (79000000000 + n)::text, '900', array[case when n <= $2 then 'first' else 'second' end, 'tenth ' || n * 10 / $1],
       (array['Europe/Kaliningrad', 'Europe/Moscow', 'Europe/Samara', 'Asia/Yekaterinburg', 'Asia/Omsk', 'Asia/Krasnoyarsk',
         'Asia/Irkutsk', 'Asia/Yakutsk', 'Europe/Volgograd', 'Asia/Novosibirsk', 'Asia/Tomsk'])[1 + n % 11],
       $3::timestamptz, case when n % 100 = 0 then $4 else $3 end::timestamptz, case when n % 100 = 0 then $4::timestamptz end
     from generate_series(1, $1::bigint) n`,
    [messages, half, at(-60 * MINUTE), at(59 * MINUTE)],
  );
  await pool.query(
    `insert into client_event (client_id, at, kind, by) select id, opted_out_at, 'OPTED_OUT', 'admin' from client where opted_out_at is not null`,
  );
  await pool.query(
    `insert into mailing (id, name, text, filter, starts_at, ends_at, allowed_from, allowed_to, weekdays, rate_limit, status,
       launched_at, launch_completed_at, finished_at, total, sent)
     select n, 'bench', 'Hello', jsonb_build_object('operatorCodes', '[]'::jsonb, 'tagsAny', '[]'::jsonb, 'timeZones', '[]'::jsonb,
         'tagsAll', jsonb_build_array(case n when 1 then 'first' else 'second' end)),
       $1, $2, case n when 1 then '09:00'::time end, case n when 1 then '21:00'::time end, case n when 1 then '{1,2,3,4,5,6}'::int[] end,
       ${RATE * 1.1}, 'COMPLETED', $1, $1, $2, $3, $3
     from generate_series(1, 2) n`,
    [at(0), at(60 * MINUTE), half],
  );
  await pool.query(
    `insert into mailing_event (mailing_id, at, kind, by, details)
     select id, $1, kind, 'admin', jsonb_build_object('startsAt', starts_at, 'endsAt', ends_at, 'allowedFrom', allowed_from,
       'allowedTo', allowed_to, 'weekdays', weekdays, 'plan', plan, 'rateLimit', rate_limit)
     from mailing, unnest(array['CREATED', 'LAUNCHED']) as kind`,
    [at(0)],
  );
  await pool.query(
    `insert into mailing_event (mailing_id, at, kind, by) values (2, $1, 'PAUSED', 'admin'), (2, $2, 'RESUMED', 'admin')`,
    [at(50 * MINUTE), at(51 * MINUTE)],
  );
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, fence,
       claimed_at, attempt_started_at, attempt_ended_at, attempt_fence, attempt_outcome, gateway_code, created_at, sent_at)
     select case when id <= $1 then 1 else 2 end, 10000 + id, id, phone, time_zone, '{"name": "Anna", "city": "Omsk"}', 'SENT', $2, $3, 1,
       case when id % ${REFUSED} = 0 then 2 else 1 end, $2, $2, $2, 1, 'accepted', 200, $2, $2 from client`,
    [half, at(0), at(60 * MINUTE)],
  );
  // The next mailing, and its messages, get ids of their own.
  await pool.query(
    `select setval('mailing_id_seq', 2), setval('client_id_seq', $1::bigint), setval('message_block', 2 + $1::bigint / 10000)`,
    [messages],
  );
  await pool.query('vacuum analyze');
}

/** Its ledger. @param latencyMs when not 0, each request has a line for its arrival and one for its answer */
export async function writeLedger(file: string, messages: number, latencyMs: number): Promise<void> {
  await pipeline(Readable.from(ledgerText(messages, latencyMs)), createWriteStream(file));
}

function* ledgerText(messages: number, latencyMs: number): Generator<string> {
  const half = messages / 2;
  const refused: number[] = [];
  let seq = 0;
  let text = '';
  const note = (n: number, second: number, ok: boolean) => {
    seq += 1;
    const hash = n.toString().padStart(22, 'x');
    const arrived = (START + second).toFixed(3);
    const arrival = `{"seq":${seq},"id":${10_000 + n},"phone":${79_000_000_000 + n},"hash":"${hash}","at":${arrived}`;
    const answer = ok
      ? '"status":200,"code":0,"accepted":true,"complete":true}\n'
      : '"status":503,"code":null,"accepted":false,"complete":true}\n';
    text +=
      latencyMs === 0
        ? `${arrival},${answer}`
        : `${arrival}}\n{"seq":${seq},"answeredAt":${(START + second + latencyMs).toFixed(3)},${answer}`;
  };
  for (let n = 1; n <= half; n += 1) {
    const ms = (n * 1_000) / RATE;
    for (const client of [n, half + n]) {
      note(client, ms, client % REFUSED !== 0);
      if (client % REFUSED === 0) refused.push(client);
    }
    if (text.length > 1 << 20) {
      yield text;
      text = '';
    }
  }
  for (const [index, client] of refused.entries()) note(client, 20 * MINUTE + (index * 1_000) / RATE, true);
  yield text;
}
