// Read uncompiled as well, as simulator-process.ts says.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from './simulator.js';

/** Writes `simulator.json` (`{url, controlUrl, pid}`) beside the ledger. Readers see the old file or the new one, never a half. */
export function noteSimulator(dir: string, { url, controlUrl }: Pick<Simulator, 'url' | 'controlUrl'>): void {
  const file = join(dir, 'simulator.json');
  writeFileSync(`${file}.new`, `${JSON.stringify({ url, controlUrl, pid: process.pid })}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
