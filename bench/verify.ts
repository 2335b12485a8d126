import 'reflect-metadata';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/embedded/embedded-postgres.js';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';
import { createPool } from '../src/platform/pool.js';
import { spawnSimulator } from '../src/simulator/spawn-simulator.js';
import { verify } from '../src/verify/verify.js';
import { insertRun, writeLedger } from './verify-data.js';
import { sendTo } from './verify-while.js';

/**
 * `npm run bench -- verify [--messages 1000000] [--runs 3]`: how long the judge takes over a run that is done, and what it
 * costs a mailing to a tenth as many that is being sent beside it. Exit code 1 when it takes longer than it may. It fails when the
 * judge finds something broken, for nothing is.
 */

/** What a look at a million messages may take with the gateway's ledger, s. */
const MOST_SECONDS = 5;

/** A mailing that leaves the machine to others, messages a second. */
const SOME_RATE = 500;

const option = (name: string, fallback: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const messages = option('messages', 1_000_000);
const runs = option('runs', 3);
const out = process.stdout;

const dir = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
const postgres = await startEmbeddedPostgres({ dir });
try {
  const orm = await createOrm({ databaseUrl: postgres.url, entities });
  await orm.migrator.up();
  await orm.close();
  const pool = createPool({ databaseUrl: postgres.url, max: 2, name: 'bench', onError: () => {} });
  await insertRun(pool, messages);
  out.write(
    `${messages.toLocaleString('en')} messages; Node ${process.version}, PostgreSQL 18 embedded, ` +
      `${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  const lookOnce = async (ledger: string | null) => {
    const begun = performance.now();
    const broken = (await verify(pool, ledger, { timeoutMs: 10_000 })).filter((finding) => finding.broken > 0);
    if (broken.length > 0) throw new Error(`a sound run was found broken: ${JSON.stringify(broken)}`);
    return (performance.now() - begun) / 1_000;
  };
  const look = async (name: string, ledger: string | null) => {
    const seconds: number[] = [];
    for (let run = 0; run < runs; run += 1) seconds.push(await lookOnce(ledger));
    const megabytes = ledger === null ? '' : `, ${Math.round(statSync(ledger).size / 1e6)} MB`;
    out.write(`${`${name}${megabytes}`.padEnd(44)} ${seconds.map((value) => value.toFixed(2)).join('  ')} s\n`);
    return seconds.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
  };
  await look('the database alone', null);
  const file = join(dir, 'ledger.jsonl');
  const lookWhileSending = async () => {
    const simulator = await spawnSimulator({ dir });
    const way = { pool, databaseUrl: postgres.url, gatewayUrl: simulator.url };
    const speed = (value: number) => `${Math.round(value).toLocaleString('en')}/s`;
    for (const [pair, ledger] of [null, file, null, file].entries()) {
      const alone = await sendTo(`tenth ${2 * pair}`, { ...way, look: null });
      const seen = await sendTo(`tenth ${2 * pair + 1}`, { ...way, look: () => lookOnce(ledger) });
      const looks = seen.looks.map((value) => value.toFixed(2)).join('  ');
      out.write(
        `a mailing alone ${speed(alone.messagesPerSecond)}; looked at all the while ${speed(seen.messagesPerSecond)}, ` +
          `each look ${ledger === null ? 'at the database alone' : 'with the ledger'} ${looks} s\n`,
      );
    }
    const { looks } = await sendTo('tenth 8', { ...way, rateLimit: SOME_RATE, look: () => lookOnce(null) });
    const seconds = looks.map((value) => value.toFixed(2)).join('  ');
    out.write(`while a mailing is sent at ${SOME_RATE}/s, each look at the database alone ${seconds} s\n`);
    await simulator.close();
  };
  await writeLedger(file, messages, 0);
  const median = await look('with the ledger, a line a request', file);
  const longer = join(dir, 'longer.jsonl');
  await writeLedger(longer, messages, 100);
  await look('with the ledger, two lines a request', longer);
  await rm(longer);
  await lookWhileSending();
  out.write(
    `${median.toFixed(2)} s with the ledger (at most ${MOST_SECONDS}); memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`,
  );
  if (median > MOST_SECONDS) process.exitCode = 1;
  await pool.end();
} finally {
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
