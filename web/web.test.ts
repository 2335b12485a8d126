import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Sessions } from '../src/access/sessions.js';
import { launchBrowser } from '../src/testing/browser.js';
import { builtFile } from '../src/testing/built.js';
import { type ChildProgram, startChild } from '../src/testing/child-program.js';
import { addPerson, PASSWORD } from '../src/testing/people.js';
import { insertClients } from '../src/testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../src/testing/test-database.js';
import { barriers, showIn } from './e2e/dashboard.js';

const TOKEN = 'token-of-the-page-tests';

let database: TestDatabase;
let dataDir: string;
let program: ChildProgram;
let browser: Browser;
let origin: string;
/** Where a session's cookie is kept between the tests. */
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'heliograph-web-'));
  browser = await launchBrowser();
  program = startChild(process.execPath, [await builtFile('src/main.ts')], {
    env: {
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      CHANNEL: 'console',
      ADMIN_TOKEN: TOKEN,
      LOG_LEVEL: 'warn',
    },
    cwd: dataDir,
  });
  const [, link] = await program.saying(/Sign in\s+(http\S+)/);
  origin = new URL(link!).origin;
  signedIn = await enter(link!);
});

afterAll(async () => {
  await browser?.close();
  program?.kill('SIGTERM');
  await program?.ended;
  await database?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** A page, and everything about it that nobody should ever see: each a sentence. */
interface WatchedPage {
  page: Page;
  troubles: string[];
}

/** Opens a one-time link in a browser of its own; the session it gave. */
async function enter(link: string): Promise<typeof signedIn> {
  const context = await browser.newContext();
  await (await context.newPage()).goto(link);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function newSession(): Promise<typeof signedIn> {
  return await enter(`${origin}/enter/${await new Sessions(database.pool).issueLink({ id: 'cli', name: 'cli' })}`);
}

interface OpenOptions {
  guest?: boolean;
  javaScriptEnabled?: boolean;
  /** Of the window, px. */
  width?: number;
}

async function open(path: string, o: OpenOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    ...(o.guest ? {} : { storageState: signedIn }),
    colorScheme: 'light',
    javaScriptEnabled: o.javaScriptEnabled ?? true,
    viewport: { width: o.width ?? 1400, height: 900 },
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  context.setDefaultTimeout(15_000);
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  // Chromium reports breaches of the content security policy here as well.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') troubles.push(`asked ${url.origin}`);
  });
  await page.goto(origin + path);
  return { page, troubles };
}

async function graphql<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

/** Runs a tab of GraphiQL and waits until the answer, whose spaces don't break, holds the text. */
async function run(page: Page, tab: string, answer: RegExp): Promise<void> {
  await page.getByRole('tab', { name: tab }).click();
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.locator('.graphiql-response', { hasText: answer }).waitFor();
}

describe('GraphiQL', () => {
  it('opens with ready tabs, asks no other host and breaks no policy', async () => {
    const { page, troubles } = await open('/graphiql');
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    const tabs = await page.getByRole('tab').evaluateAll((all) => all.map((tab) => tab.firstChild?.textContent));
    expect(tabs).toEqual(['MakeAClient', 'MakeAMailing', 'WatchIt', 'WatchMessages', 'Statistics']);
    expect(await page.getByText('You are not signed in').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('leads from the first client over a mailing to what became of it, with the sign-in of the browser', async () => {
    const { page, troubles } = await open('/graphiql');
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await run(page, 'MakeAClient', /"operatorCode":\s"999".*"userErrors":\s\[\]/s);
    await run(page, 'MakeAMailing', /"name":\s"First\ssteps".*"userErrors":\s\[\]/s);
    await run(page, 'WatchIt', /"mailingProgress":.*"total":\s1,.*"version"/s);
    await page.getByRole('button', { name: /^Stop/ }).click();
    await run(page, 'Statistics', /"mailingCount":\s1,.*"total":\s1,/s);
    expect(troubles).toEqual([]);
  });

  it('tells a guest how to get in', async () => {
    const { page } = await open('/graphiql', { guest: true });
    await page.getByText('You are not signed in').waitFor();
  });
});

describe('the start page', () => {
  it('shows a mailing go out without being asked anew, also when another one was under way before', async () => {
    const times = { startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 86_400_000).toISOString() };
    const farHour = String((new Date().getUTCHours() + 12) % 24).padStart(2, '0');
    const hours = { allowedFrom: `${farHour}:00`, allowedTo: `${farHour}:59` };
    await insertClients(database.pool, 1, { tags: ['waits'], timeZone: 'UTC' });
    await graphql(MAKE_MAILING, {
      input: { name: 'Under way', text: 'Hello', filter: { tagsAny: ['waits'] }, ...times, ...hours },
    });
    const { page, troubles } = await open('/');
    const rowOf = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
    await page.getByText('Live', { exact: true }).waitFor();
    await rowOf('Under way').getByText('0 of 1 sent').waitFor();
    await insertClients(database.pool, 120, { tags: ['live'] });
    await graphql(MAKE_MAILING, {
      input: { name: 'Seen <b>live</b>', text: 'Hello', filter: { tagsAny: ['live'] }, ...times },
    });
    const row = rowOf('Seen <b>live</b>');
    await row.getByText('120 of 120 sent (100 %)').waitFor();
    await row.getByText('Completed').waitFor();
    expect(troubles).toEqual([]);
  });

  it('says above all mailings that sending is stopped, by whom and why, until it is resumed', async () => {
    await graphql('mutation { sendingStop(reason: "a <b>wrong</b> text") { sending { stopped } } }');
    const { page, troubles } = await open('/');
    const stopped = page.getByText(/^Since .+, by admin: a <b>wrong<\/b> text\. Nothing goes out/);
    await stopped.waitFor();
    await graphql('mutation { sendingResume { sending { stopped } } }');
    await stopped.waitFor({ state: 'hidden' });
    expect(troubles).toEqual([]);
  });
});

describe('the sign-in', () => {
  const email = 'anna@example.org';
  beforeAll(async () => void (await addPerson({ database }, email, 'operator')));

  /** Types into the form that a guest is led to, and sends it. */
  async function fill(page: Page, password: string): Promise<void> {
    const form = page.locator('#sign-in');
    await form.getByLabel('E-mail').fill(email);
    await form.getByLabel('Password').fill(password);
    await form.getByRole('button', { name: 'Sign in' }).click();
  }

  it('is where a guest of the start page is led, and leads back to it; a wrong password costs nothing typed', async () => {
    const { page, troubles } = await open('/?from=afar#here', { guest: true });
    await fill(page, 'a wrong password');
    await page.getByRole('alert').getByText('The e-mail or the password is wrong.').waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('Password').press('Enter');
    await page.getByRole('heading', { name: 'Mailings' }).waitFor();
    expect(page.url()).toBe(`${origin}/?from=afar#here`);
    // What the browser itself says of the refusals.
    expect(troubles.filter((trouble) => !trouble.includes('status of 401'))).toEqual([]);
  });

  it('works without JavaScript', async () => {
    const { page, troubles } = await open('/sign-in', { guest: true, javaScriptEnabled: false });
    await fill(page, 'a wrong password');
    await page.getByText('The e-mail or the password is wrong.').waitFor();
    await fill(page, PASSWORD);
    await page.waitForURL(`${origin}/`);
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['heliograph_session']);
    expect(troubles).toEqual([]);
  });

  it('fits on a phone, whichever of its pages', async () => {
    for (const path of ['/sign-in', '/forgot-password', '/reset-password#a.b%40c.de', '/account']) {
      const { page } = await open(path, { guest: path !== '/account', width: 320 });
      await page.locator('section[data-shown] h1').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(320);
    }
  });

  it('lets whoever came by the one-time link make an account, and change its password', async () => {
    const { page, troubles } = await open('/', { guest: true });
    await page.context().addCookies((await newSession()).cookies);
    await page.goto(`${origin}/account`);
    await page.getByLabel('Name').fill('The first');
    await page.getByLabel('E-mail').fill('first@example.org');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('heading', { name: 'Set your password' }).waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe('first@example.org');
    await page.getByLabel('New password').fill('aaaaaaaaaaaaaaaaaaaa');
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByRole('alert').getByText('at least 5 different characters').waitFor();
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByRole('heading', { name: 'Mailings' }).waitFor();
    await page.getByRole('button', { name: 'You and your settings' }).click();
    await page.getByRole('menuitem', { name: 'Account and password' }).click();
    await page.getByLabel('Password now').fill(PASSWORD);
    await page.getByLabel('New password').fill('a quite different set of words');
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(troubles.filter((trouble) => !/status of 40[01]/.test(trouble))).toEqual([]);
  });

  it('says whom to ask about a forgotten password where no letters are sent', async () => {
    const { page } = await open('/sign-in', { guest: true });
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByText('Ask an admin for a link').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
  });
});

describe('the API guide', () => {
  it('shows the schema and finds what mentions a word', async () => {
    const { page, troubles } = await open('/guide');
    await page.getByText(`${origin}/schema.graphql`).waitFor();
    await page.locator('#sdl', { hasText: 'type Mailing' }).waitFor();
    await page.getByLabel('Show what mentions').fill('operatorCode');
    await page.locator('#sdl:not(:has-text("type Progress"))', { hasText: 'type Client' }).waitFor();
    expect(await page.locator('#sdl mark').first().textContent()).toBe('operatorCode');
    expect(troubles).toEqual([]);
  });
});

describe('the pages of the REST API', () => {
  it('Swagger UI shows the document, sends a request with the sign-in of the browser, asks no other host and breaks no policy', async () => {
    const { page, troubles } = await open('/docs/');
    const operation = page.locator('#operations-statistics-getStatistics');
    // It writes into the address where it is; Playwright's own click waits for a page that then never loads.
    const control = operation.locator('.opblock-summary-control');
    const execute = operation.locator('button.execute');
    // While it still reads the document, it takes a click and shows nothing for it.
    await expect
      .poll(async () => {
        if ((await control.getAttribute('aria-expanded')) !== 'true') await control.dispatchEvent('click');
        return await execute.count();
      })
      .toBe(1);
    await execute.dispatchEvent('click');
    await operation.locator('.live-responses-table', { hasText: '"mailingCount"' }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('CLASSIC row 16: Redoc shows the document from our own assets, asks no other host and breaks no policy', async () => {
    const { page, troubles } = await open('/redoc/');
    await page.getByRole('heading', { name: 'Make a client' }).waitFor();
    await page.getByText('/api/v1/mailings/{id}/statistics', { exact: true }).first().waitFor();
    expect(troubles).toEqual([]);
  });
});

it.each([
  ['the start page', '/', false, 'Mailings'],
  ['the sign-in', '/', true, 'Sign in'],
  ['the sign-in after an error', '/sign-in#OIDC_FORBIDDEN', true, 'Sign in'],
  ['the way to a new password', '/reset-password#a.b%40c.de', true, 'Set your password'],
  ['the account', '/account', false, 'Make your account'],
  ['the API guide', '/guide', false, 'The schema'],
] as const)(
  '%s can be read and used by everybody, in light and in dark colours (axe)',
  async (_, path, guest, heading) => {
    const { page } = await open(path, { guest });
    await page.getByRole('heading', { name: heading }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await showIn(page, 'dark');
    expect(await barriers(page, ['color-contrast'])).toEqual([]);
  },
);

// The last one, because it ends the session that all others use.
it('signs out', async () => {
  const { page } = await open('/');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'You and your settings' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto(origin);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

const MAKE_MAILING = `mutation ($input: MailingInput!) {
  mailingCreate(input: $input) { mailing { id } userErrors { field message code } }
}`;
