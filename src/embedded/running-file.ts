import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { FolderInUse } from './folder-lock.js';
import { isRunning } from './postmaster.js';

const running = z.object({
  /** The program's process number. */
  pid: z.int().positive(),
  startedAt: z.iso.datetime(),
  state: z.enum(['running', 'stopping']),
  /** Address of the server; null for a process that serves nobody. */
  url: z.string().nullable(),
  /** Without a password. The embedded database's is in the file beside its cluster. */
  databaseUrl: z.string(),
  /** File that holds the database's password; null when the address came from the settings. */
  databasePasswordFile: z.string().nullable(),
  /** Folder of the simulator's ledger; null when messages don't go to the simulator. */
  simulatorDir: z.string().nullable(),
});

/** What runs on a data folder, for other commands that are given the folder alone. */
export type Running = z.output<typeof running>;

function fileIn(dataDir: string): string {
  return join(dataDir, 'heliograph.json');
}

/** Notes what runs. Readers see the old file or the new one, never a half. */
export function noteRunning(dataDir: string, note: Running): void {
  const file = fileIn(dataDir);
  const fresh = `${file}.${note.pid}`;
  writeFileSync(fresh, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

/** Takes the note away again, unless it is somebody else's by now. */
export function removeRunning(dataDir: string, pid: number): void {
  if (readNote(dataDir)?.pid === pid) rmSync(fileIn(dataDir), { force: true });
}

/** @returns what runs on the folder; undefined when nothing does, also when the note is that of a killed process */
export function findRunning(dataDir: string): Running | undefined {
  const note = readNote(dataDir);
  return note && isRunning(note.pid) ? note : undefined;
}

/** What is said when another process holds the data folder: where that one is found, and the ways out. */
export function inUse(error: FolderInUse, dataDir: string): AppError {
  const note = findRunning(dataDir);
  const where = note?.url && note.pid === error.pid ? ` (${note.url})` : '';
  return new AppError('CONFLICT', `The data folder ${error.message}${where}: stop it, or set DATA_DIR.`);
}

function readNote(dataDir: string): Running | undefined {
  try {
    return running.safeParse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * The address to reach a running process's database under, password included: never log it.
 * @throws Error when the password's file can't be read
 */
export function databaseUrlOf(note: Running): string {
  if (note.databasePasswordFile === null) return note.databaseUrl;
  const url = new URL(note.databaseUrl);
  url.password = readFileSync(note.databasePasswordFile, 'utf8').trim();
  return url.href;
}
