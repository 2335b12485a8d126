// The simulator as a process of its own: started by spawn-simulator.ts, which tells it over IPC what to do. Node runs
// this file and all it imports also uncompiled (types are stripped), so none of them may use enums or decorators.
import { mkdirSync } from 'node:fs';
import { noteSimulator } from './note-simulator.js';
import { createSimulator, type Simulator } from './simulator.js';
import type { StartOrder, StartReport } from './spawn-simulator.js';

let simulator: Simulator | undefined;

async function start(order: StartOrder): Promise<StartReport> {
  try {
    mkdirSync(order.dir, { recursive: true });
    simulator = await createSimulator(order);
    noteSimulator(order.dir, simulator);
    const { url, controlUrl } = simulator;
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
