import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from './browser.js';
import { startChild } from './child-program.js';

/** `npm run screenshots`: takes the pictures in docs/screenshots from a running demo, so that they never show what is no more. */
const root = join(import.meta.dirname, '../../..');
const dir = await mkdtemp(join(tmpdir(), 'heliograph-screenshots-'));
const program = startChild(process.execPath, [join(root, 'dist/src/main.js')], {
  cwd: root,
  env: { PORT: '0', DATA_DIR: dir, LOG_LEVEL: 'warn' },
});
const browser = await launchBrowser();
try {
  const [, link] = await program.saying(/Sign in +(http:\S+)\n/);
  const page = await browser.newPage({ viewport: { width: 1280, height: 560 }, deviceScaleFactor: 1 });
  await page.goto(link!);
  // The first mailing is done in the picture, the second is under way.
  await program.saying(/Demo 1 .*completed/);
  await page.evaluate(async () => {
    const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
    const input = { name: 'Autumn offer', text: 'Hello, {{ name }}!', filter: {}, endsAt: soon(3_600_000) };
    const query =
      'mutation ($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } userErrors { message } } }';
    const headers = { 'content-type': 'application/json' };
    await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables: { input } }) });
  });
  await page.reload();
  await page
    .getByText(/[4-7]\d\.\d %/)
    .first()
    .waitFor();
  await page.screenshot({ path: join(root, 'docs/screenshots/mailings.png') });
} finally {
  await browser.close();
  program.kill('SIGTERM');
  await program.ended;
  await rm(dir, { recursive: true, force: true });
}
