import type pg from 'pg';

/**
 * So many clients and messages. A fifth of the clients came first, with a tag that no other has; a hundred thousandth has a
 * rare one. Each mailing is to as many of the first of them as its size says. Of the messages 96 in a hundred were sent, two failed, one is unknown, one waits.
 */
export async function insertLists(pool: pg.Pool, clients: number, sizes: readonly number[]): Promise<void> {
  await pool.query(
    `insert into client (id, phone, operator_code, tags, time_zone, attributes, opted_out_at, created_at, updated_at)
     select n, p::text, substr(p::text, 2, 3),
       array_remove(array[case when n <= $1 / 5 then 'first import' end, 'group ' || n % 50, case when n % 10 = 0 then 'vip' end,
         case when n % 100000 = 7 then 'rare' end], null),
       (array['Europe/Moscow', 'Europe/Moscow', 'Europe/Moscow', 'Europe/Moscow', 'Europe/Kaliningrad', 'Europe/Samara', 'Asia/Yekaterinburg',
         'Asia/Omsk', 'Asia/Krasnoyarsk', 'Asia/Irkutsk', 'Asia/Vladivostok'])[1 + (n * 31) % 11],
       jsonb_build_object('name', 'Anna ' || n % 1000, 'visits', n % 20), case when n % 50 = 0 then now() end,
       now() - ($1 - n) * interval '10 s', now() - ((n * 7919) % 1000003) * interval '10 s'
     from (select n, 79000000000 + (n * 7368787) % 999999937 as p from generate_series(1, $1::bigint) n) c`,
    [clients],
  );
  let block = 1;
  for (const [at, size] of sizes.entries()) {
    await insertMailing(pool, at + 1, size, block);
    block += Math.ceil(size / 10_000);
  }
  await pool.query(
    `select setval('mailing_id_seq', 100), setval('client_id_seq', $1::bigint), setval('message_block', $2::bigint)`,
    [clients, block],
  );
  await pool.query('vacuum analyze');
}

async function insertMailing(pool: pg.Pool, id: number, size: number, block: number): Promise<void> {
  await pool.query(
    `insert into mailing (id, name, text, filter, starts_at, ends_at, status, launched_at, launch_completed_at, total, open, sent, failed, unknown)
     values (${id}, 'bench ' || ${id}, 'Hello', '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}', now() - interval '1 day', now() + interval '1 day',
       'RUNNING', now() - interval '1 day' + ${id} * interval '1 min', now() - interval '1 day' + ${id} * interval '2 min', ${size}, ${size} / 100, ${size} / 100 * 96, ${size} / 100 * 2, ${size} / 100)`,
  );
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, waiting_for, plan, fence,
       attempt_started_at, attempt_ended_at, attempt_fence, attempt_outcome, gateway_code, reason, created_at, sent_at)
     select ${id}, ${block}::bigint * 10000 + n - 1, c.id, c.phone, c.time_zone, c.attributes, s.status, made + interval '1 h', made + interval '2 days',
       case when s.status = 'OPEN' then 'WINDOW' end, 1, 1, at, at, 1, 'accepted', case s.status when 'SENT' then 200 when 'FAILED' then 400 end,
       case s.status when 'FAILED' then 'HTTP 400: no such number ' || n % 10 when 'UNKNOWN' then 'no answer' end, made,
       case when s.status = 'SENT' then at end
     from (select *, now() - interval '1 day' + ${id} * interval '1 min' as made, now() - interval '20 h' + n * interval '100 ms' as at
           from generate_series(1, ${size}) n) i
     join client c on c.id = n
     cross join lateral (select (array['FAILED', 'FAILED', 'UNKNOWN', 'OPEN'])[n % 100 + 1] as other) o
     cross join lateral (select coalesce(o.other, 'SENT') as status) s
     order by n`,
  );
  await pool.query(
    `insert into message_range (first, last, mailing_id)
     select (${block}::bigint + b) * 10000, (${block}::bigint + b) * 10000 + least(10000, ${size} - b * 10000) - 1, ${id} from generate_series(0, (${size} - 1) / 10000) b`,
  );
}
