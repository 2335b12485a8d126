import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { Readable } from 'node:stream';
import { CsvReader } from '../src/bulk/read-csv.js';
import { LiveSocket } from '../src/testing/live-socket.js';
import { PROGRAM_TOKEN, startProgram, urlOf } from '../src/testing/program.js';
import { onStage } from './children.js';

/**
 * `npm run bench -- import [--rows 1000000]`: a file through HTTP into the program as it is shipped, with faults whose lines are
 * known. Exit code 1 when a count or a reject is not the one that it must be, or the program took more memory than it may.
 */

/** Resident memory of the program at its highest, MB. */
const MOST_MEMORY = 300;
const HEADERS = { authorization: `Bearer ${PROGRAM_TOKEN}` };

const at = process.argv.indexOf('--rows');
const rows = at < 0 ? 1_000_000 : Number(process.argv[at + 1]);

/** What is wrong with the row of this number; undefined: nothing. */
function faultOf(n: number): 'phone' | 'zone' | 'quote' | 'cells' | undefined {
  if (n % 1_000 === 1) return 'phone';
  if (n % 5_000 === 2) return 'zone';
  if (n % 10_000 === 3) return 'quote';
  return n % 20_000 === 4 ? 'cells' : undefined;
}

/** Every thousandth right row has the phone of the one before. */
const isDouble = (n: number) => n % 1_000 === 6;

function rowOf(n: number): string {
  const phone = `79${String(isDouble(n) ? n - 1 : n).padStart(9, '0')}`;
  const zone = n % 3 === 0 ? 'Asia/Omsk' : 'Europe/Moscow';
  switch (faultOf(n)) {
    case 'phone':
      return `12345,${zone},vip,Anna ${n}\n`;
    case 'zone':
      return `${phone},Mars/Phobos,vip,Anna ${n}\n`;
    case 'quote':
      return `${phone},${zone},vip,"Anna ${n}\n`;
    case 'cells':
      return `${phone},${zone}\n`;
    default:
      return `${phone},${zone},vip;t${n % 10},"Anna ""${n}"""\n`;
  }
}

function* file(): Generator<string> {
  let piece = 'phone,time_zone,tags,name\n';
  for (let n = 0; n < rows; n += 1) {
    piece += rowOf(n);
    if (piece.length < 65_536) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

const out = process.stdout;
const numbers = Array.from({ length: rows }, (_, n) => n);
const wrongLines = numbers.filter((n) => faultOf(n) !== undefined).map((n) => n + 2);
const doubles = numbers.filter(isDouble).length;
const problems: string[] = [];
const must = (what: string, found: unknown, wanted: unknown) => {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    problems.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`.slice(0, 300));
};

/** Follows a job to its end; gives how many events came. */
async function follow(url: string, id: string): Promise<number> {
  const socket = new LiveSocket(url);
  await socket.opened();
  socket.say({ type: 'connection_init', payload: HEADERS });
  await socket.next();
  socket.subscribe('1', 'subscription ($id: ID!) { importProgress(id: $id) { done total status } }', { id });
  let events = 0;
  for (let message = await socket.next('1'); message.type === 'next'; message = await socket.next('1')) events += 1;
  await socket.close();
  return events;
}

const peakMemory = (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
const perSecond = (seconds: number) => `${Math.round(rows / seconds).toLocaleString('en')} rows/s`;

await onStage(async ({ databaseUrl, pool, dir }) => {
  out.write(
    `${rows.toLocaleString('en')} rows, ${wrongLines.length.toLocaleString('en')} of them wrong, ${doubles.toLocaleString('en')} with a phone that was there; ` +
      `Node ${process.version}, PostgreSQL 18 embedded, ${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  const program = await startProgram({ role: 'all', databaseUrl, dir, gatewayUrl: null });
  try {
    const url = await urlOf(program);
    const before = peakMemory(program.pid);
    for (const run of ['new clients', 'the same again']) {
      const begun = performance.now();
      const taken = await fetch(`${url}/api/v1/clients/import`, {
        method: 'POST',
        headers: { ...HEADERS, 'content-type': 'text/csv' },
        body: Readable.toWeb(Readable.from(file())) as ReadableStream,
        duplex: 'half',
      } as RequestInit);
      const { id } = (await taken.json()) as { id: string };
      must('status', taken.status, 202);
      const staged = (performance.now() - begun) / 1_000;
      const events = await follow(url, id);
      const whole = (performance.now() - begun) / 1_000;
      const job = (await (await fetch(`${url}/api/v1/clients/import/${id}`, { headers: HEADERS })).json()) as object;
      const right = rows - wrongLines.length - doubles;
      const isFirst = run === 'new clients';
      const { created, updated, unchanged, duplicates, failed, done, total } = job as Record<string, number>;
      must(
        'counts',
        { total, done, created, updated, unchanged, duplicates, failed },
        {
          ...{ total: rows, done: rows, created: isFirst ? right : 0, updated: 0, unchanged: isFirst ? 0 : right },
          ...{ duplicates: doubles, failed: wrongLines.length },
        },
      );
      const rejects = await (await fetch(`${url}/api/v1/clients/import/${id}/rejects`, { headers: HEADERS })).text();
      const reader = new CsvReader(',');
      const [, ...lines] = [...reader.push(rejects), ...reader.end()].map(({ cells }) => Number(cells.at(-2)));
      must('rejected lines', lines, wrongLines);
      out.write(
        `${run.padEnd(15)} taken in ${staged.toFixed(1)} s (${perSecond(staged)}), brought in ${(whole - staged).toFixed(1)} s (${perSecond(whole - staged)}), ` +
          `${whole.toFixed(1)} s in all (${perSecond(whole)}); ${events} progress events\n`,
      );
    }
    const { rows: found } = await pool.query('select count(*)::int as n from client');
    must('clients', found[0].n, rows - wrongLines.length - doubles);
    const memory = peakMemory(program.pid);
    out.write(
      `memory of the program at its highest ${Math.round(memory)} MB (at most ${MOST_MEMORY}), ${Math.round(before)} before\n`,
    );
    if (memory > MOST_MEMORY) process.exitCode = 1;
    for (const problem of problems) out.write(`WRONG ${problem}\n`);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    program.kill('SIGTERM');
    await program.ended;
  }
});
