import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
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

/** Makes a mailing by the API, as whoever is signed in; gives its id. */
async function make(page: Page, input: Record<string, unknown>): Promise<string> {
  return await page.evaluate(async (fields) => {
    const query = 'mutation ($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } } }';
    const endsAt = new Date(Date.now() + 36_000_000).toISOString();
    const body = JSON.stringify({ query, variables: { input: { endsAt, ...fields } } });
    const headers = { 'content-type': 'application/json' };
    const answer = (await (await fetch('/graphql', { method: 'POST', headers, body })).json()) as {
      data: { mailingCreate: { mailing: { id: string } } };
    };
    return answer.data.mailingCreate.mailing.id;
  }, input);
}

/** Takes it in light and in dark colours. */
async function take(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const path = join(root, 'docs/screenshots', `${name}${colorScheme === 'dark' ? '-dark' : ''}.png`);
    await page.screenshot({ path, animations: 'disabled' });
  }
}

/** Goes there, and waits until nothing is being loaded. */
async function look(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  await page.waitForLoadState('networkidle');
}

try {
  const [, link] = await program.saying(/Sign in +(http:\S+)\n/);
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    locale: 'en',
    timezoneId: 'Europe/Moscow',
  });
  await page.goto(link!);
  // The first mailing is done in the picture, the second is under way.
  await program.saying(/Demo 1 .*completed/);
  const text = 'Hello, {{ name | default: "friend" }}! Everything for the garden is a third off until Sunday.';
  await make(page, {
    name: 'Winter tyres',
    text,
    filter: {},
    startsAt: new Date(Date.now() + 7_200_000).toISOString(),
  });
  const id = await make(page, { name: 'Autumn offer', text, filter: {}, rateLimit: 400 });
  await look(page, `/mailings/${id}`);
  await page
    .getByText(/[2-6]\d\.\d %/)
    .first()
    .waitFor();
  await take(page, 'mailing');
  await look(page, '/');
  await take(page, 'mailings');
  await look(page, '/mailings/new');
  await page.getByRole('textbox', { name: /^Name/ }).fill('Spring sale');
  await page.getByRole('textbox', { name: 'Text' }).fill(text);
  await page
    .getByText(/clients are reached/)
    .first()
    .waitFor();
  await take(page, 'editor');
  for (const name of ['clients', 'statistics', 'health']) {
    await look(page, `/${name}`);
    await take(page, name);
  }
} finally {
  await browser.close();
  program.kill('SIGTERM');
  await program.ended;
  await rm(dir, { recursive: true, force: true });
}
