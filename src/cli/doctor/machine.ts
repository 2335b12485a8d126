import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from '../../config.js';
import { findRunning } from '../../embedded/running-file.js';
import { tryPort } from '../../platform/free-port.js';
import { type Finding, fail, ok, warn } from './check.js';
import { whoListens } from './who-listens.js';

/** The Node that all of this was run on. */
const NODE = 24;
/** How long whoever has our port may take to say who that is. */
const ANSWER_MS = 2_000;
const MB = 2 ** 20;
const GB = 2 ** 30;
/** The embedded database, its log of what it writes and a ledger want some; with less left than the second nothing is safe. */
const ROOM = { little: 2 * GB, none: 200 * MB };
/** What one process takes under load (docs/import.md), and what it starts with. */
const MEMORY = { little: 400 * MB, none: 100 * MB };

export function checkNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major === NODE) return ok('node', `Node ${version}.`);
  return fail(
    'node',
    `Node ${version}; Heliograph runs on Node ${NODE}.`,
    'Start it by `npm start`: that brings the right one.',
  );
}

export function checkDisk({ dataDir }: Pick<Config, 'dataDir'>): Finding {
  const folder = nearestFolder(dataDir);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return fail(
      'disk',
      `Nothing can be written to ${folder}.`,
      'Give the folder to the user that runs the program, or set DATA_DIR.',
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const says = `${inGb(free)} are free for ${dataDir}.`;
  if (free < ROOM.none) return fail('disk', says, 'Make room now, or set DATA_DIR to a disk that has some.');
  if (free < ROOM.little) return warn('disk', says, 'Make room, or set DATA_DIR to a disk that has some.');
  return ok('disk', says);
}

export function checkMemory(free = process.availableMemory?.() ?? freemem(), total = totalmem()): Finding {
  const says = `${inGb(free)} of ${inGb(total)} of memory are free.`;
  if (free < MEMORY.none) return fail('memory', says, 'Stop something else, or give the machine or container more.');
  if (free < MEMORY.little) return warn('memory', says, 'A process takes some 400 MB under load: give it more.');
  return ok('memory', says);
}

/** Whether the port can be opened, or is open by this program. */
export async function checkPort({
  port,
  host,
  role,
  dataDir,
}: Pick<Config, 'port' | 'host' | 'role' | 'dataDir'>): Promise<Finding> {
  if (role === 'worker') return ok('port', 'ROLE=worker serves nobody, and opens no port.');
  const running = findRunning(dataDir);
  if (running?.url && Number(new URL(running.url).port) === port) {
    return ok('port', `The program that runs on the data folder listens on port ${port} (process ${running.pid}).`);
  }
  try {
    await tryPort(port, host);
    return ok('port', port === 0 ? 'PORT=0 takes any free port.' : `Port ${port} on ${host} is free.`);
  } catch (error) {
    // One of several processes has its note in the data folder, and it need not be this one.
    if (await isOurs(port, host)) return ok('port', `A process of Heliograph listens on port ${port} of ${host}.`);
    const holder = whoListens(port);
    const says = error instanceof Error ? error.message : String(error);
    return warn(
      'port',
      holder === null ? says : `Port ${port} on ${host} is taken by ${holder}.`,
      'Stop that one, or set PORT.',
    );
  }
}

/** Whether who listens answers as this program does. */
async function isOurs(port: number, host: string): Promise<boolean> {
  try {
    const at = host.includes(':') ? `[${host}]` : host;
    const answer = await fetch(`http://${at}:${port}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { parts } = (await answer.json()) as { parts?: { database?: unknown } };
    return typeof parts?.database === 'boolean';
  } catch {
    return false;
  }
}

/** What is there of a folder's way: a folder that is not there yet is made in it. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function inGb(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
