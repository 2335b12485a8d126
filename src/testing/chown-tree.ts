import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives a folder and everything in it to another user; only root may. */
export function chownTree(dir: string, uid: number): void {
  chownSync(dir, uid, uid);
  for (const entry of readdirSync(dir, { recursive: true })) chownSync(join(dir, String(entry)), uid, uid);
}
