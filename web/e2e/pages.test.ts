import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { insertClients } from '../../src/testing/rows.js';
import { barriers, Dashboard, settled, showIn, sideways } from './dashboard.js';

let dashboard: Dashboard;
/** The mailings and the client whose pages are looked at, by what an address calls them. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  dashboard = await Dashboard.start();
  await fill();
});
afterAll(() => dashboard?.close());

/** A mailing of each kind, clients, a token, a job on clients: no page is empty. */
async function fill(): Promise<void> {
  const { pool } = dashboard.database;
  await insertClients(pool, 40, { tags: ['vip', 'spring'], attributes: { name: 'Anna' } });
  [ids['client']] = (await insertClients(pool, 20, {
    operatorCode: '912',
    tags: ['vip'],
    timeZone: 'Asia/Kamchatka',
  })) as [string];
  const outcomes = [{ outcome: 'ok', weight: 3 }, { outcome: '400' }] as const;
  await dashboard.gateway({ outcomes: [...outcomes] });
  ids['completed'] = await make('Autumn offer', {});
  await untilIs('completed', 'COMPLETED');
  ids['draft'] = await make('A draft', { draft: true });
  ids['scheduled'] = await make('Tomorrow morning', { startsIn: 1 });
  await dashboard.gateway({ latency: { minMs: 50, maxMs: 50 } });
  ids['paused'] = await make('On hold', { rateLimit: 1 });
  await untilIs('paused', 'RUNNING');
  await change('mutation ($id: ID!) { mailingPause(id: $id) { userErrors { message } } }', {
    id: ids['paused'],
  });
  await change(
    'mutation { clientsTag(filter: { operatorCodes: ["912"] }, tags: ["east"]) { userErrors { message } } }',
  );
  await change(
    'mutation { tokenCreate(input: { name: "Reports", scopes: [MAILINGS_READ] }) { userErrors { message } } }',
  );
  await change('mutation { channelUpdate(name: GATEWAY, rateLimit: 500) { userErrors { message } } }');
}

/** Outside of a test, where there is no `expect.poll`. */
async function untilIs(name: string, status: string): Promise<void> {
  await vi.waitFor(async () => expect(await statusOf(name)).toBe(status), 15_000);
}

/** Asks for one change, that has to succeed. @returns its payload */
async function change<T>(mutation: string, variables?: Record<string, unknown>): Promise<T> {
  const [payload] = Object.values(
    await dashboard.graphql<Record<string, T & { userErrors: unknown }>>(mutation, variables),
  );
  expect(payload).toMatchObject({ userErrors: [] });
  return payload as T;
}

const DAY = 86_400_000;

/** @returns the new mailing's id */
async function make(name: string, o: { draft?: boolean; startsIn?: number; rateLimit?: number }): Promise<string> {
  const at = (days: number) => new Date(Date.now() + days * DAY).toISOString();
  const input = {
    name,
    text: 'Hello, {{ name | default: "friend" }}!',
    filter: { tagsAny: ['vip'] },
    ...(o.startsIn && { startsAt: at(o.startsIn), allowedFrom: '10:00', allowedTo: '20:00' }),
    ...(o.rateLimit && { rateLimit: o.rateLimit }),
    endsAt: at((o.startsIn ?? 0) + 1),
  };
  const { mailing } = await change<{ mailing: { id: string } }>(
    'mutation ($input: MailingInput!, $draft: Boolean) { mailingCreate(input: $input, draft: $draft) { mailing { id } userErrors { message } } }',
    { input, draft: o.draft ?? false },
  );
  return mailing.id;
}

async function statusOf(which: string): Promise<string> {
  const query = 'query ($id: ID!) { mailing(id: $id) { status } }';
  return (await dashboard.graphql<{ mailing: { status: string } }>(query, { id: ids[which] })).mailing.status;
}

/** Every page: its address, its title in both languages. */
const PAGES = [
  ['/', 'Mailings', 'Рассылки'],
  ['/mailings/:completed', 'Autumn offer', 'Autumn offer'],
  ['/mailings/:completed?tab=messages', 'Autumn offer', 'Autumn offer'],
  ['/mailings/:completed?tab=failures', 'Autumn offer', 'Autumn offer'],
  ['/mailings/:completed?tab=history', 'Autumn offer', 'Autumn offer'],
  ['/mailings/:paused', 'On hold', 'On hold'],
  ['/mailings/:scheduled', 'Tomorrow morning', 'Tomorrow morning'],
  ['/mailings/new', /mailing/i, /рассылк/i],
  ['/mailings/:draft/edit', /draft/i, /draft/i],
  ['/clients', 'Clients', 'Клиенты'],
  ['/clients/:client', /\d/, /\d/],
  ['/clients/import', /import/i, /загру|импорт/i],
  ['/statistics', 'Statistics', 'Статистика'],
  ['/reports', 'Daily reports', 'Ежедневные отчёты'],
  ['/tokens', /token/i, /токен/i],
  ['/users', 'Users', 'Пользователи'],
  ['/audit', 'Audit log', /журнал/i],
  ['/jobs', 'Jobs', 'Задания'],
  ['/health', 'Health', 'Состояние'],
  ['/settings', 'Settings', 'Настройки'],
  ['/no-such-page', /no such page/i, /страницы нет/i],
] as const;

const addressOf = (path: string) => path.replace(/:(\w+)/, (_all, which: string) => ids[which]!);

/** Not the browser's, about a page that is answered with 404. */
const ownWords = (trouble: string) => !trouble.includes('status of 404');

/** What of the page stands out over its right edge, for the message of a failed test. */
async function tooWide(page: Page): Promise<string> {
  return await page.evaluate(`[...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => each.outerHTML.slice(0, 120)).slice(0, 5).join('\\n')`);
}

describe.each(PAGES)('the page %s', (path, english, russian) => {
  it('can be read and used by everybody in light and dark colours, and asks, logs and breaks nothing', async () => {
    const { page, troubles } = await dashboard.visit(addressOf(path));
    await page.getByRole('heading', { level: 1, name: english }).waitFor();
    await settled(page);
    expect(await barriers(page)).toEqual([]);
    await showIn(page, 'dark');
    expect(await barriers(page, ['color-contrast'])).toEqual([]);
    expect(troubles.filter(ownWords)).toEqual([]);
  });

  it('fits on a phone, in Russian', async () => {
    const { page, troubles } = await dashboard.visit(addressOf(path), { language: 'ru', width: 360 });
    await page.getByRole('heading', { level: 1, name: russian }).waitFor();
    await settled(page);
    expect(await page.locator('html').getAttribute('lang')).toBe('ru');
    expect(await sideways(page), await tooWide(page)).toBe(0);
    expect(troubles.filter(ownWords)).toEqual([]);
  });
});

describe('a viewer', () => {
  it('is offered nothing that a viewer may not do, and sees no phone', async () => {
    for (const path of [
      '/',
      '/mailings/:completed',
      '/mailings/:scheduled',
      '/clients',
      '/clients/:client',
      '/settings',
    ]) {
      const { page, troubles } = await dashboard.visit(addressOf(path), { as: 'viewer' });
      await settled(page);
      const offered = await page
        .getByRole('main')
        .getByRole('button', {
          name: /^(write a mailing|start|pause|resume|cancel mailing|delete|edit|add|opt out|stop|retry)/i,
        })
        .allTextContents();
      expect([path, ...offered]).toEqual([path]);
      expect(await page.getByRole('main').textContent()).not.toMatch(/7\D?(900|912)\D?\d{3}/);
      expect(troubles).toEqual([]);
    }
  });

  it('is told so on pages that a viewer may not see', async () => {
    for (const path of ['/users', '/audit', '/mailings/new', '/clients/import']) {
      const { page } = await dashboard.visit(path, { as: 'viewer' });
      await settled(page);
      expect([path, await page.getByRole('main').getByRole('textbox').count()]).toEqual([path, 0]);
    }
  });
});
