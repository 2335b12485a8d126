import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A file system of a few megabytes, in memory, that a test can fill up. */
export interface SmallDisk {
  /** A folder on it. */
  readonly dir: string;
  /** Writes a file until there is no room left but so many bytes; 0. Asked again it takes what has come free since. */
  fill(leave?: number): void;
  /** Takes that file away. */
  makeRoom(): void;
  /** Unmounts it. Whoever has a file open on it must have ended. */
  remove(): Promise<void>;
}

type Mounted = { dir: string; unmount: () => Promise<void> };

/** Name of the file that fills it. */
const BALLAST = 'ballast';

/**
 * Makes a disk of a size, in whichever way this machine allows: mounted by root, mounted in a namespace of one's own
 * (reached through /proc), or mounted with `sudo` that asks for no password.
 *
 * @returns why there is none, when all of them are refused
 */
export async function makeSmallDisk(megabytes: number): Promise<SmallDisk | { obstacle: string }> {
  const point = mkdtempSync(join(tmpdir(), 'heliograph-disk-'));
  const options = `size=${megabytes}m,mode=0777`;
  const mounted =
    mountBy([], point, options) ?? (await mountInNamespace(point, options)) ?? mountBy(['sudo', '-n'], point, options);
  if (mounted) return new Disk(mounted, point);
  rmSync(point, { recursive: true });
  return { obstacle: 'neither mount, nor unshare -Urm, nor sudo -n mount may mount a tmpfs here' };
}

function mountBy(prefix: string[], point: string, options: string): Mounted | undefined {
  const run = (...words: string[]) => {
    const [program, ...args] = [...prefix, ...words];
    return spawnSync(program!, args, { stdio: 'ignore' }).status === 0;
  };
  if (!run('mount', '-t', 'tmpfs', '-o', options, 'heliograph-test', point)) return undefined;
  return { dir: point, unmount: async () => void run('umount', '-l', point) };
}

/** A process that does nothing but hold a namespace with the mount in it, and ends with its input, so with us. */
async function mountInNamespace(point: string, options: string): Promise<Mounted | undefined> {
  const script = `mount -t tmpfs -o ${options} heliograph-test "$0" && echo mounted && cat`;
  const holder = spawn('unshare', ['-Urm', 'sh', '-c', script, point], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => resolve());
    holder.once('error', () => resolve());
  });
  for await (const line of createInterface({ input: holder.stdout })) {
    if (line !== 'mounted') continue;
    const unmount = async () => {
      holder.stdin.end();
      await ended;
    };
    return { dir: `/proc/${holder.pid}/root${point}`, unmount };
  }
  return undefined;
}

class Disk implements SmallDisk {
  readonly dir: string;

  constructor(
    private readonly mounted: Mounted,
    private readonly point: string,
  ) {
    this.dir = mounted.dir;
  }

  fill(leave = 0): void {
    const file = openSync(join(this.dir, BALLAST), 'a');
    try {
      for (;;) {
        const { bavail, bsize } = statfsSync(this.dir);
        const room = bavail * bsize - leave;
        if (room <= 0) return;
        writeSync(file, Buffer.alloc(Math.min(room, 4 << 20)));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(join(this.dir, BALLAST), { force: true });
  }

  async remove(): Promise<void> {
    await this.mounted.unmount();
    rmSync(this.point, { recursive: true, force: true });
  }
}
