import { once } from 'node:events';
import pg from 'pg';
import { HttpGateway } from '../src/channel/http-gateway.js';

/**
 * The counterpart: claim → POST → write-back and nothing else, on the same Postgres, with the same HTTP call and the
 * same batches. No lease, fence, counters, versions, change rows, windows or text. Two lanes, as the program has. It says
 * that it is ready, begins when it is told to, says how long it took, and ends when it is told so.
 */
const [, , databaseUrl, gatewayUrl, count] = process.argv as string[];
const BATCH = 1_000;
const CLAIM = `with b as materialized (
    select id from bare_message where status = 'OPEN' and claimed_at is null order by id limit ${BATCH} for update skip locked
  ) update bare_message m set claimed_at = clock_timestamp() from b where m.id = b.id returning m.id, m.phone`;
const WRITE = `update bare_message m set status = 'SENT', sent_at = clock_timestamp() from unnest($1::bigint[]) as o(id) where m.id = o.id`;

const pool = new pg.Pool({ connectionString: databaseUrl!, max: 4 });
const gateway = new HttpGateway({ url: gatewayUrl!, token: null, timeoutMs: 10_000, concurrency: 64 });

async function lane(): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ id: string; phone: string }>({ name: 'claim', text: CLAIM });
    if (rows.length === 0) return;
    let next = 0;
    const sender = async () => {
      for (let row = rows[next++]; row; row = rows[next++]) {
        const delivery = { mailingId: '1', messageId: row.id, phone: row.phone, text: 'Hello' };
        await gateway.send(delivery, performance.now() + 10_000);
      }
    };
    await Promise.all(Array.from({ length: 32 }, sender));
    await pool.query({ name: 'write', text: WRITE, values: [rows.map((row) => row.id)] });
  }
}

await pool.query(`drop table if exists bare_message`);
// Its parent was killed.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
await once(process, 'message');
const begun = performance.now();
await pool.query(`create table bare_message (id bigint primary key, phone text not null, status text not null default 'OPEN',
  claimed_at timestamptz, sent_at timestamptz) with (fillfactor = 50)`);
await pool.query(`create index on bare_message (id) where status = 'OPEN'`);
await pool.query(
  `insert into bare_message (id, phone) select n, phone from (select row_number() over (order by id) as n, phone from client) c where n <= $1`,
  [count],
);
await Promise.all([lane(), lane()]);
process.send?.({ seconds: (performance.now() - begun) / 1_000 });
await once(process, 'message');
await pool.query('drop table bare_message');
await gateway.close();
await pool.end();
process.disconnect?.();
