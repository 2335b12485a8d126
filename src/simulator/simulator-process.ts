// The simulator as a process of its own: started by spawn-simulator.ts, which tells it over IPC what to do. Node runs
// this file and all it imports also uncompiled (types are stripped), so none of them may use enums or decorators.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSimulator, type Simulator } from './simulator.js';
import type { StartOrder, StartReport } from './spawn-simulator.js';

let simulator: Simulator | undefined;

async function start(order: StartOrder): Promise<StartReport> {
  try {
    mkdirSync(order.dir, { recursive: true });
    simulator = await createSimulator(order);
    const { url, controlUrl } = simulator;
    const file = join(order.dir, 'simulator.json');
    writeFileSync(`${file}.new`, `${JSON.stringify({ url, controlUrl, pid: process.pid })}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return { url, controlUrl };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function stop(): Promise<void> {
  await simulator?.close();
  process.exit();
}

process.once('message', async (order: StartOrder) => {
  const report = await start(order);
  process.send?.(report);
});
process.on('disconnect', stop);
process.on('SIGTERM', stop);
