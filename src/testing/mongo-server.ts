import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A MongoDB for tests and demos. */
export interface MongoServer {
  /** Address without a database. */
  url: string;
  /** What answers there, in words. */
  name: string;
  stop(): Promise<void>;
  /** Ends it at once, and what it holds with it. @throws Error when it is not ours */
  kill(): Promise<void>;
}

const VERSION = '1.47.0';
const ROOT = projectRoot();
const SOURCES = join(ROOT, 'src/testing/mongo');
const LIBRARY = join(ROOT, 'node_modules/.cache/mongo-java-server', VERSION);

/** Why no MongoDB can be had here; undefined when one can. */
export function whyNoMongo(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment['MONGO_URL']) return undefined;
  const needed = existsSync(LIBRARY) ? ['java'] : ['java', 'mvn'];
  const missing = needed.filter((program) => spawnSync(program, ['-version']).error !== undefined);
  if (missing.length === 0) return undefined;
  return `MONGO_URL is not set, and ${missing.join(' and ')} to start a server of our own could not be found`;
}

/**
 * The server at MONGO_URL, or else mongo-java-server, fetched by Maven the first time: it speaks MongoDB's protocol and
 * keeps everything in memory, but has neither change streams nor transactions. It ends with this process.
 *
 * @param port of a server of our own; a free one when left out
 * @throws Error when neither can be had
 */
export async function startMongoServer(environment: NodeJS.ProcessEnv = process.env, port = 0): Promise<MongoServer> {
  const given = environment['MONGO_URL'];
  if (given) {
    const notOurs = () => Promise.reject(new Error('The server at MONGO_URL is not ours to kill.'));
    return { url: given, name: 'MongoDB at MONGO_URL', stop: async () => {}, kill: notOurs };
  }
  const obstacle = whyNoMongo(environment);
  if (obstacle) throw new Error(obstacle);
  await fetchLibrary();
  const child = spawn('java', ['-cp', join(LIBRARY, '*'), join(SOURCES, 'WireServer.java'), String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Else Ctrl-C ends it before the program that uses it has drained.
    detached: true,
  });
  const end = async (how: () => void) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    how();
    await ended;
  };
  return {
    url: await addressOf(child),
    name: `mongo-java-server ${VERSION}`,
    stop: () => end(() => child.stdin.end()),
    kill: () => end(() => child.kill('SIGKILL')),
  };
}

/** Addresses another database of the same server. */
export function withDatabase(url: string, database: string): string {
  const [, base, options] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(url) ?? [];
  if (!base) throw new Error('The address of MongoDB can not be read.');
  return `${base}/${database}${options ?? ''}`;
}

async function fetchLibrary(): Promise<void> {
  if (existsSync(LIBRARY)) return;
  await mkdir(dirname(LIBRARY), { recursive: true });
  const incoming = await mkdtemp(`${LIBRARY}-`);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${incoming}`];
  const maven = promisify(execFile)('mvn', ['-q', '-B', '-f', join(SOURCES, 'pom.xml'), ...goal], { timeout: 300_000 });
  await maven.catch(async (error: { stdout?: string; message: string }) => {
    await rm(incoming, { recursive: true });
    throw new Error(`Maven could not fetch mongo-java-server: ${(error.stdout || error.message).slice(0, 500)}`);
  });
  // Another process may have been faster; what it fetched is as good.
  await rename(incoming, LIBRARY).catch(() => rm(incoming, { recursive: true }));
}

async function addressOf(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('mongodb://')) return line.trim();
  }
  throw new Error(`mongo-java-server did not start: ${complaint.trim()}`);
}

/** From src/testing as well as from dist/src/testing. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
