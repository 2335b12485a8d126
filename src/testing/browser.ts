import { execFile } from 'node:child_process';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

/** Where Debian, Ubuntu, Fedora and macOS put a Chromium or a Chrome. */
const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** What is in the package beside the browser and a plain Debian lacks: the NSS and expat libraries; a font. */
const ARCHIVES = ['al2023', 'fonts'] as const;

/**
 * Starts a headless browser for a test: a Chromium of the system, else the one that comes with @sparticuz/chromium,
 * which brings its libraries along and needs nothing installed by hand. Close it after use.
 *
 * @throws {Error} saying what was tried, when none starts
 */
export async function launchBrowser(): Promise<Browser> {
  const troubles: string[] = [];
  for (const find of [...SYSTEM_BROWSERS.map((path) => () => systemBrowser(path)), packagedBrowser]) {
    const options = await find();
    if (options === undefined) continue;
    try {
      return await chromium.launch(options);
    } catch (error) {
      troubles.push(`${options.executablePath}: ${String(error).split('\n', 3).join(' ')}`);
    }
  }
  throw new Error(
    `No Chromium starts here. Install one (Debian: apt-get install chromium). Tried:\n${troubles.join('\n')}`,
  );
}

async function systemBrowser(executablePath: string): Promise<LaunchOptions | undefined> {
  const found = await access(executablePath, constants.X_OK).then(
    () => true,
    () => false,
  );
  return found ? { executablePath } : undefined;
}

/** Only its files are used: its own start-up writes to the shared temporary folder and switches web security off. */
export async function packagedBrowser(): Promise<LaunchOptions> {
  const archives = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../bin');
  const folder = join(archives, '../unpacked');
  await unpackOnce(archives, folder);
  return {
    executablePath: join(folder, 'chromium'),
    // Containers have little /dev/shm; without a graphics card, drawing directly takes less than imitating one.
    args: ['--disable-dev-shm-usage', '--disable-gpu'],
    env: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_PATH: folder, HOME: folder },
  };
}

/** Unpacks (about 2 s) beside `folder` and moves it there whole, so that tests starting at once never see half of it. */
async function unpackOnce(archives: string, folder: string): Promise<void> {
  if (await systemBrowser(join(folder, 'chromium'))) return;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    await inflate(join(archives, 'chromium.br'), join(draft, 'chromium'));
    await chmod(join(draft, 'chromium'), 0o755);
    for (const archive of ARCHIVES) {
      const tar = join(draft, `${archive}.tar`);
      await inflate(join(archives, `${archive}.tar.br`), tar);
      await promisify(execFile)('tar', ['-xf', tar, '-C', draft]);
      await rm(tar);
    }
    // The package's own list of fonts looks for them in shared folders; a page without any font ends this browser.
    await writeFile(join(draft, 'fonts.conf'), fontList(folder));
    await rename(draft, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function fontList(folder: string): string {
  const places = [join(folder, 'fonts'), '/usr/share/fonts'].map((place) => `<dir>${place}</dir>`).join('');
  return `<?xml version="1.0"?><fontconfig>${places}<cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>\n`;
}

async function inflate(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}
