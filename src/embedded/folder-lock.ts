import { statSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { text } from 'node:stream/consumers';

/** A folder held by this process alone. */
export interface FolderLock {
  /** Lets the folder go. The kernel does the same when the process dies, however it dies. */
  release(): Promise<void>;
}

/** Somebody else holds the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';

  /** @param pid the holder; undefined when it was too busy to say who it is */
  constructor(
    readonly folder: string,
    readonly pid: number | undefined,
  ) {
    super(`${folder} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}`);
  }
}

/** How long the holder of a folder is given to tell its process number, in ms. */
const ANSWER_MS = 1_000;

/**
 * Takes a folder for this process, so that two programs never work on one data directory.
 *
 * The lock is a socket in Linux's abstract namespace, named after the folder's device and inode: taking it is atomic,
 * it leaves no file behind, and it ends with its process even by SIGKILL, so there is no stale lock to judge. It holds
 * between processes of one network namespace; on systems without abstract sockets it holds nothing.
 *
 * @throws FolderInUse when another process (or this one) holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  if (process.platform !== 'linux') return { release: async () => {} };
  const { dev, ino } = statSync(folder);
  const name = `\0heliograph-folder-${dev}-${ino}`;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(String(process.pid));
  });
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(true) : reject(error),
    );
    server.listen(name, () => resolve(false));
  });
  if (taken) throw new FolderInUse(folder, await askHolder(name));
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function askHolder(name: string): Promise<number | undefined> {
  const socket = createConnection(name);
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  try {
    const pid = Number(await text(socket));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
