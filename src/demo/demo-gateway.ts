import { join } from 'node:path';
import { FolderInUse, lockFolder } from '../embedded/folder-lock.js';
import { makeFolder } from '../embedded/make-folder.js';
import { inUse } from '../embedded/running-file.js';
import { AppError } from '../errors.js';
import type { BehaviourInput } from '../simulator/behaviour.js';
import { spawnSimulator } from '../simulator/spawn-simulator.js';

/** Answers as a real service does: after a while, and now and then it is busy and asks to come back. */
const BEHAVIOUR: BehaviourInput = {
  latency: { minMs: 5, maxMs: 30 },
  outcomes: [
    { outcome: 'ok', weight: 98 },
    { outcome: '503', weight: 2 },
  ],
};

/** Where the demo sends its messages. */
export interface DemoGateway {
  /** Base address, as GATEWAY_URL would have it. */
  url: string;
  close(): Promise<void>;
}

/** Folder of the demo's ledger. */
export function simulatorDir(dataDir: string): string {
  return join(dataDir, 'simulator');
}

/**
 * Starts the simulator as a child. Its ledger is kept from start to start, as the database is, so that the two can be
 * held against each other; two simulators must not write it.
 *
 * @throws AppError with the reason on one line
 */
export async function startDemoGateway(dataDir: string): Promise<DemoGateway> {
  const dir = simulatorDir(dataDir);
  makeFolder(dir);
  const lock = await lockFolder(dir).catch((error) => {
    throw error instanceof FolderInUse ? inUse(error, dataDir) : error;
  });
  try {
    const simulator = await spawnSimulator({ dir, behaviour: BEHAVIOUR });
    return {
      url: simulator.url,
      async close() {
        await simulator.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw new AppError('UNAVAILABLE', error instanceof Error ? error.message : String(error));
  }
}
