import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dashboard, settled, type WatchedPage } from './dashboard.js';

const CLIENTS = 120;

let dashboard: Dashboard;
/** One person's page, kept from step to step. */
let page: Page;
let troubles: WatchedPage['troubles'];
let context: BrowserContext;
/** The address of the mailing that all is about. */
let address: string;

beforeAll(async () => {
  dashboard = await Dashboard.start();
  ({ page, troubles, context } = await dashboard.openKept('/'));
});
afterAll(async () => {
  await context?.close();
  await dashboard?.close();
});

const button = (name: string | RegExp) => page.getByRole('button', { name });
const dialog = () => page.getByRole('dialog');

interface Counts {
  status: string;
  progress: { total: number; sent: number; failed: number; sending: number; open: number };
}

/** What the server says of the mailing. */
async function counts(): Promise<Counts> {
  const query = 'query ($id: ID!) { mailing(id: $id) { status progress { total sent failed sending open } } }';
  const id = new URL(address).pathname.split('/').at(-1);
  return (await dashboard.graphql<{ mailing: Counts }>(query, { id })).mailing;
}

/** How many were sent, as the page says it in its largest letters. */
async function sentOnPage(): Promise<number> {
  return Number((await page.locator('.sent-of-total strong').first().textContent())?.replaceAll(',', ''));
}

async function limitChannel(rateLimit: number | null): Promise<void> {
  const mutation = 'mutation ($to: Int) { channelUpdate(name: GATEWAY, rateLimit: $to) { userErrors { message } } }';
  await dashboard.graphql(mutation, { to: rateLimit });
}

describe('from a file of clients to the report', () => {
  it('imports a file of clients, first to try, then for good', async () => {
    await page.goto(`${dashboard.origin}/clients/import`);
    const lines = Array.from(
      { length: CLIENTS },
      (_, n) => `${79_160_000_000 + n},Anna ${n},"autumn;vip",Europe/Moscow`,
    );
    const buffer = Buffer.from(`phone,name,tags,time zone\n${lines.join('\n')}\n12345,Wrong,,\n`);
    await page.locator('input[type=file]').setInputFiles({ name: 'clients.csv', mimeType: 'text/csv', buffer });
    await button('Try it, writing nothing').click();
    await page.getByText(`Clients that would be added: ${CLIENTS}, changed: 0; lines left out: 1.`).waitFor();
    await button('Import for real').click();
    await page.getByRole('link', { name: 'See the clients' }).waitFor();
    await expect
      .poll(
        async () =>
          (await dashboard.graphql<{ clients: { totalCount: number } }>('{ clients { totalCount } }')).clients
            .totalCount,
      )
      .toBe(CLIENTS);
    await page.goto(`${dashboard.origin}/clients`);
    await page.getByText(`${CLIENTS} clients`).first().waitFor();
  });

  it('writes a mailing with its audience, a preview and a forecast in sight, and sends it after a word on whom it goes to', async () => {
    await page.goto(dashboard.origin);
    await page
      .getByRole('link', { name: /write .*mailing/i })
      .first()
      .click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('Autumn offer');
    await page.getByRole('textbox', { name: 'Text' }).fill('Hello, {{ name }!');
    await page
      .getByText(/^Line 1, character \d+:/)
      .first()
      .waitFor();
    await page.getByRole('textbox', { name: 'Text' }).fill('Hello, {{ name }}!');
    await page.getByText(`${CLIENTS} clients`, { exact: true }).first().waitFor();
    await page
      .getByText(/clients are reached/)
      .first()
      .waitFor();
    // So that it goes out at whatever hour this runs.
    await page.getByRole('switch', { name: /^Only at certain hours/ }).click();
    await limitChannel(5);
    await button('Send now…').click();
    await dialog().getByText(`This goes to ${CLIENTS} clients.`).waitFor();
    // A key that is held down sends nothing: the focus is in the dialog, and on what changes nothing.
    await dialog().locator('button:focus', { hasText: 'Not yet' }).waitFor();
    await dialog()
      .getByRole('button', { name: `Send to ${CLIENTS} clients` })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Autumn offer' }).waitFor();
    await page.waitForURL(/\/mailings\/\d+$/);
    address = page.url();
  });

  it('sees it move by itself', async () => {
    await expect.poll(sentOnPage).toBeGreaterThan(3);
    await page.getByText('Running', { exact: true }).first().waitFor();
    const before = await sentOnPage();
    await expect.poll(sentOnPage).toBeGreaterThan(before);
  });

  it('pauses it, after a word on what becomes of those under way, and it stands still', async () => {
    await button('Pause').click();
    await dialog()
      .getByText(/messages? waits? until it is resumed/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Pause it' }).click();
    await page.getByText('Paused', { exact: true }).first().waitFor();
    await expect.poll(async () => (await counts()).progress.sending).toBe(0);
    const { progress } = await counts();
    expect(progress.open).toBeGreaterThan(0);
    await expect.poll(sentOnPage).toBe(progress.sent);
  });

  it('resumes it on a gateway that refuses some and then is out of order, and is told why it waits', async () => {
    await dashboard.gateway({ outcomes: [{ outcome: '400' }] });
    await button('Resume').click();
    await dialog().getByRole('button', { name: 'Resume it' }).click();
    await expect.poll(async () => (await counts()).progress.failed).toBeGreaterThan(2);
    await dashboard.gateway({ outcomes: [{ outcome: '503' }] });
    await page
      .getByText(/cannot be used just now|next attempt/)
      .first()
      .waitFor();
  });

  it('sees it done once the gateway is well again, with what failed', async () => {
    await dashboard.gateway({});
    await limitChannel(null);
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 25_000 });
    const { progress } = await counts();
    expect(progress.sent + progress.failed).toBe(CLIENTS);
    await expect.poll(sentOnPage).toBe(progress.sent);
  });

  it('looks at why some failed, and has just those tried again', async () => {
    const { failed } = (await counts()).progress;
    await page.getByRole('tab', { name: /failures/i }).click();
    await button(/try (all )?.*again/i)
      .first()
      .click();
    await dialog()
      .getByText(new RegExp(`${failed} `))
      .first()
      .waitFor();
    await dialog()
      .getByRole('button', { name: /try (.* )?again/i })
      .click();
    await expect.poll(async () => (await counts()).progress.sent).toBe(CLIENTS);
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByText('Completed', { exact: true }).first().waitFor();
    await expect.poll(sentOnPage).toBe(CLIENTS);
  });

  it('reads a message: its words, and what the gateway said to each attempt', async () => {
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByText(`${CLIENTS} messages`).first().waitFor();
    await page
      .getByRole('button', { name: /message \d+$/ })
      .first()
      .click();
    await dialog()
      .getByText(/^Hello, Anna \d+!$/)
      .waitFor();
    await dialog().getByText('accepted by the gateway').first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('gives a link to the report to somebody without an account, who sees it is all sent', async () => {
    await page.goto(address);
    await button('More').click();
    await page.getByRole('menuitem', { name: 'Share a report link' }).click();
    await dialog().getByRole('button', { name: 'Make a link' }).click();
    const link = await dialog().getByLabel('The new link').inputValue();
    expect(link).toContain('/report#');
    const guest = await dashboard.open(new URL(link).pathname + new URL(link).hash, { as: null });
    await guest.page.getByRole('heading', { name: 'Autumn offer' }).waitFor();
    await guest.page.getByText(`sent: ${CLIENTS} of ${CLIENTS}`).waitFor();
    expect(guest.troubles).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('finds it in the statistics, by keyboard alone', async () => {
    await page.goto(dashboard.origin);
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('A page, a mailing, a phone, or what to do').fill('Statistics');
    await page.getByRole('dialog').getByText('Statistics').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Statistics' }).waitFor();
    await page.getByText('120', { exact: true }).first().waitFor();
  });

  it('has seen no error, no foreign request and no breach of a policy on all that way', () => {
    // What the browser itself says of a refusal that the page shows as a sentence.
    expect(troubles.filter((trouble) => !/status of 4\d\d/.test(trouble))).toEqual([]);
  });
});

describe('while a mailing is under way', () => {
  it('a server that is started anew is waited for: the badge says so, and nothing is missing afterwards', async () => {
    await limitChannel(10);
    const { mailingDuplicate } = await dashboard.graphql<{ mailingDuplicate: { mailing: { id: string } } }>(
      'mutation ($id: ID!) { mailingDuplicate(id: $id) { mailing { id } } }',
      { id: new URL(address).pathname.split('/').at(-1) },
    );
    const { id } = mailingDuplicate.mailing;
    await dashboard.graphql('mutation ($id: ID!) { mailingStart(id: $id) { userErrors { message } } }', { id });
    address = `${dashboard.origin}/mailings/${id}`;
    await page.goto(address);
    await expect.poll(sentOnPage).toBeGreaterThan(3);
    await dashboard.stopProgram('SIGKILL');
    await page
      .getByText(/^Reconnecting: this was true at/)
      .first()
      .waitFor();
    await dashboard.startProgram();
    await page.getByText('Live', { exact: true }).first().waitFor();
    await limitChannel(null);
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 25_000 });
    await expect.poll(sentOnPage).toBe((await counts()).progress.sent);
  });
});
