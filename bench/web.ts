import 'reflect-metadata';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { Sessions } from '../src/access/sessions.js';
import { launchBrowser } from '../src/testing/browser.js';
import { changeOf, ringChange, writeChange } from '../src/testing/changes.js';
import { ask, type BenchStage, onStage, start } from './children.js';
import { insertLists } from './lists-data.js';

/**
 * `npm run bench -- web [--rate 20000] [--seconds 30] [--runs 5]`: the page of a mailing in a real browser. How long until it can be
 * used, nothing kept from an earlier visit; then what share of its main thread is busy, and how its memory grows, while nothing changes,
 * a twentieth of the rate, and the rate of messages a second get their final status. Exit code 1 when one is over what it may take.
 *
 * The changes are written as workers write them, a version a batch, without the sending that a machine may be too slow for.
 */
const option = (name: string, fallback: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const rate = option('rate', 20_000);
const seconds = option('seconds', 30);
const runs = option('runs', 5);

const MOST = { interactiveMs: 1_500, busyShare: 0.2 };
/** Messages of the mailing, whose ids go round. */
const MESSAGES = 100_000;
/** ms between two batches. */
const BEAT = 50;
const MAILING = '1';
/** The browser's own language may be `en-US@posix` on a server, with which the chart is not drawn. */
const AS = { locale: 'en-GB' };
const out = process.stdout;

/** Writes so many changes a second until it is told to stop; gives how many it wrote. */
function generate({ pool }: BenchStage, perSecond: number): () => Promise<number> {
  let isOver = false;
  let written = 0;
  const done = (async () => {
    const begun = performance.now();
    while (!isOver) {
      const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond) - written;
      if (due > 0) {
        const change = changeOf(10_000 + (written % (MESSAGES - due)), due);
        await ringChange(pool, MAILING, await writeChange(pool, MAILING, change));
        written += due;
      }
      await sleep(BEAT);
    }
  })();
  return async () => {
    isOver = true;
    await done;
    return written;
  };
}

/** Seconds of the main thread, and bytes of JavaScript's memory after what is of no use was collected. */
interface Spent {
  /** In tasks by the clock: also while the thread stood because something else had the processor. */
  task: number;
  /** Of the processor, whatever for. */
  cpu: number;
  script: number;
  drawing: number;
  heap: number;
}

async function metrics(cdp: CDPSession): Promise<Spent> {
  const read = async () => (await cdp.send('Performance.getMetrics')).metrics;
  const all = await read();
  const of = (name: string, metrics = all) => metrics.find((each) => each.name === name)?.value ?? 0;
  await cdp.send('HeapProfiler.collectGarbage');
  return {
    task: of('TaskDuration'),
    cpu: of('ThreadTime'),
    script: of('ScriptDuration'),
    drawing: of('LayoutDuration') + of('RecalcStyleDuration'),
    heap: of('JSHeapUsedSize', await read()),
  };
}

async function timeOpening(browser: Browser, url: string, link: () => Promise<string>): Promise<number> {
  const context = await browser.newContext(AS);
  const page = await context.newPage();
  await page.goto(await link());
  const state = await context.storageState();
  await context.close();
  // A cache of its own, and so an empty one.
  const fresh = await browser.newContext({ ...AS, storageState: state });
  const looked = await fresh.newPage();
  await looked.goto(`${url}/mailings/${MAILING}`, { waitUntil: 'commit' });
  await looked.getByRole('button', { name: 'Pause', exact: true }).click({ trial: true });
  const took = await looked.evaluate(() => performance.now());
  await fresh.close();
  return took;
}

async function measure(stage: BenchStage): Promise<void> {
  await insertLists(stage.pool, MESSAGES, [(2 * MESSAGES) / 2, ...Array(10).fill((2 * MESSAGES) / 20)].map(Math.round));
  await stage.pool.query(
    'update mailing set total = 1e9, open = 1e9, sent = 0, failed = 0, unknown = 0 where id = $1',
    [MAILING],
  );
  const api = start('api-process.js', stage.databaseUrl, 'bench-admin-token');
  const { url } = await ask(api);
  const link = async () => `${url}/enter/${await new Sessions(stage.pool).issueLink({ id: 'cli', name: 'cli' })}`;
  const browser = await launchBrowser();
  out.write(
    `Node ${process.version}, Chromium ${browser.version()}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  const opening: number[] = [];
  for (let run = 0; run < runs; run += 1) opening.push(await timeOpening(browser, url, link));
  opening.sort((a, b) => a - b);
  const median = opening[Math.floor(runs / 2)]!;
  out.write(
    `page of a mailing can be used after ${median.toFixed(0)} ms (${opening[0]!.toFixed(0)}–${opening.at(-1)!.toFixed(0)}, ${runs} runs)\n`,
  );
  if (median > MOST.interactiveMs) process.exitCode = 1;

  const page = await browser.newPage(AS);
  await page.goto(await link());
  await page.goto(`${url}/mailings/${MAILING}`);
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  out.write('changes/s  main thread busy  its CPU    script   drawing  heap, MB  heap grew by, MB     load\n');
  for (const perSecond of [0, Math.round(rate / 20), rate]) await watch(stage, page, perSecond);
  await browser.close();
  api.kill('SIGKILL');
}

async function watch(stage: BenchStage, page: Page, perSecond: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const stop = generate(stage, perSecond);
  // What a first sight of the stream costs is over by then.
  await sleep(5_000);
  const [before, begun] = [await metrics(cdp), performance.now()];
  await sleep(seconds * 1_000);
  const took = (performance.now() - begun) / 1_000;
  const after = await metrics(cdp);
  const written = await stop();
  const share = (key: Exclude<keyof Spent, 'heap'>) =>
    `${(((after[key] - before[key]) / took) * 100).toFixed(1)} %`.padStart(9);
  const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(1).padStart(9);
  const seen = Math.round(written / ((performance.now() - begun) / 1_000 + 5));
  out.write(
    `${String(seen).padStart(9)} ${share('task').padStart(17)}${share('cpu')} ${share('script')} ${share('drawing')} ${mb(after.heap)} ${mb(after.heap - before.heap).padStart(16)} ${loadavg()[0]!.toFixed(1).padStart(8)}\n`,
  );
  if ((after.task - before.task) / took > MOST.busyShare) process.exitCode = 1;
  await cdp.detach();
}

await onStage(measure);
