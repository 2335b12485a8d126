import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { Role } from '../../src/access/permission.js';
import type { BehaviourInput } from '../../src/simulator/behaviour.js';
import { behave } from '../../src/simulator/simulator-client.js';
import { type SpawnedSimulator, spawnSimulator } from '../../src/simulator/spawn-simulator.js';
import { launchBrowser } from '../../src/testing/browser.js';
import type { ChildProgram } from '../../src/testing/child-program.js';
import { addPerson, cookieOf, signIn } from '../../src/testing/people.js';
import { PROGRAM_TOKEN, startProgram, urlOf } from '../../src/testing/program.js';
import { createTestDatabase, type TestDatabase } from '../../src/testing/test-database.js';

/** How a page is looked at. */
export interface Look {
  /** Who is signed in; an admin if not said. Null: nobody. */
  as?: Role | null;
  colorScheme?: 'light' | 'dark';
  language?: 'en' | 'ru';
  /** Of the window, px. */
  width?: number;
}

/** A page, and everything about it that nobody should ever see: each a sentence. */
export interface WatchedPage {
  page: Page;
  troubles: string[];
}

/** ms; what a page is waited for. Generous, for machines that are busy elsewhere. */
const PATIENCE = 15_000;

/** The whole program behind its dashboard: a database of its own, a gateway that can be made to fail, a browser, people of each role. */
export class Dashboard {
  readonly database: TestDatabase;
  readonly #dir: string;
  readonly #simulator: SpawnedSimulator;
  readonly #browser: Browser;
  readonly #cookies = new Map<Role, string>();
  readonly #browsers = new Map<string, Promise<BrowserContext>>();
  #program: ChildProgram | undefined;
  #origin = '';

  private constructor(database: TestDatabase, dir: string, simulator: SpawnedSimulator, browser: Browser) {
    this.database = database;
    this.#dir = dir;
    this.#simulator = simulator;
    this.#browser = browser;
  }

  /** Close it after use. @param launch whatever Chromium there is, if not said */
  static async start(launch: () => Promise<Browser> = launchBrowser): Promise<Dashboard> {
    const dir = await mkdtemp(join(tmpdir(), 'heliograph-e2e-'));
    const [database, simulator, browser] = await Promise.all([createTestDatabase(), spawnSimulator({ dir }), launch()]);
    const dashboard = new Dashboard(database, dir, simulator, browser);
    await dashboard.startProgram();
    return dashboard;
  }

  /** Starts the program, at the address where it was before. */
  async startProgram(): Promise<void> {
    this.#program = await startProgram({
      role: 'all',
      databaseUrl: this.database.url,
      dir: this.#dir,
      gatewayUrl: this.#simulator.url,
      env: { PORT: this.#origin === '' ? '0' : new URL(this.#origin).port },
    });
    this.#origin = await urlOf(this.#program);
  }

  /** Ends it as a terminal's Ctrl-C does, or without a word. */
  async stopProgram(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#program?.kill(signal);
    await this.#program?.ended;
    this.#program = undefined;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.stopProgram();
    await this.#simulator.close();
    await this.database.drop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  get origin(): string {
    return this.#origin;
  }

  /** What the gateway does from now on; what is left out is well-behaved. */
  async gateway(behaviour: BehaviourInput): Promise<void> {
    await behave(this.#simulator.controlUrl, behaviour);
  }

  /** A page in a browser of its own, that stays until it is closed. */
  async openKept(path: string, look: Look = {}): Promise<WatchedPage & { context: BrowserContext }> {
    const context = await this.#newBrowser(look);
    return { ...(await this.#goTo(path, context)), context };
  }

  /** The same, until the test is over. */
  async open(path: string, look: Look = {}): Promise<WatchedPage> {
    const { context, ...opened } = await this.openKept(path, look);
    onTestFinished(() => context.close());
    return opened;
  }

  /** A page, until the test is over, in the browser of everything that is looked at in this way: quicker, as that has seen the program before. */
  async visit(path: string, look: Look = {}): Promise<WatchedPage> {
    const kind = JSON.stringify(look);
    const context = this.#browsers.get(kind) ?? this.#newBrowser(look);
    this.#browsers.set(kind, context);
    const opened = await this.#goTo(path, await context);
    onTestFinished(() => opened.page.close());
    return opened;
  }

  async #newBrowser(look: Look): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      colorScheme: look.colorScheme ?? 'light',
      locale: look.language ?? 'en',
      timezoneId: 'Europe/Moscow',
      viewport: { width: look.width ?? 1280, height: 900 },
    });
    context.setDefaultTimeout(PATIENCE);
    const role = look.as === undefined ? 'admin' : look.as;
    if (role !== null) await context.addCookies([await this.#cookie(role)]);
    return context;
  }

  async #goTo(path: string, context: BrowserContext): Promise<WatchedPage> {
    const page = await context.newPage();
    const troubles = watch(page, this.#origin);
    await page.goto(this.#origin + path);
    return { page, troubles };
  }

  /** Asks the API, as an admin. */
  async graphql<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.#origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${PROGRAM_TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  }

  async #cookie(role: Role): Promise<{ name: string; value: string; url: string }> {
    let cookie = this.#cookies.get(role);
    if (cookie === undefined) {
      await addPerson({ database: this.database }, `${role}@example.org`, role);
      cookie = cookieOf(await signIn({ url: this.#origin }, `${role}@example.org`));
      this.#cookies.set(role, cookie);
    }
    const [name, value] = cookie.split('=') as [string, string];
    return { name, value, url: this.#origin };
  }
}

function watch(page: Page, origin: string): string[] {
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  // Chromium reports breaches of the content security policy here as well.
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) troubles.push(`asked ${url.origin}`);
  });
  return troubles;
}

/** Resolves once the page has its title, and nothing on it is being loaded. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Shows the page in these colours, and resolves once it has them: midway from one scheme to the other, a colour is neither's. */
export async function showIn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await expect.poll(() => page.evaluate(COLOURS)).toEqual({ colorScheme, changing: false });
}

/** Pages that are not the dashboard's have no scheme but the browser's. */
const COLOURS = `({
  colorScheme: document.documentElement.dataset.mantineColorScheme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
  changing: document.getAnimations().some((each) => each instanceof CSSTransition),
})`;

/** What keeps somebody from reading or using the page, by axe-core; each a line. @param rules all if not said */
export async function barriers(page: Page, rules?: string[]): Promise<string[]> {
  // In the page itself, without a list of what is well: half of the time, and without the letter that /reports shows in a frame, which lets nobody in.
  const axe = new AxeBuilder({ page })
    .options({ resultTypes: ['violations'], preload: false, iframes: false })
    .setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
  );
}

/** How far the page itself can be scrolled sideways, px. */
export async function sideways(page: Page): Promise<number> {
  return await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
