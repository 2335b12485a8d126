import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagedBrowser } from '../../src/testing/browser.js';
import { insertClients } from '../../src/testing/rows.js';
import { Dashboard, settled, showIn } from './dashboard.js';

/**
 * How the main pages looked when somebody last looked at them: `web/e2e/looks/*.png`. After a change that is meant:
 * `UPDATE_LOOKS=1 npx vitest run web/e2e/looks.test.ts`, then look at what git shows as changed.
 *
 * Not to waver, they are taken by the Chromium that comes as a package, whose own font they are set in, at a moment that stands still, of
 * data that does not move; and compared at half their size, where a letter that lies a little otherwise makes no difference.
 */
const LOOKS = join(import.meta.dirname, 'looks');
const NOW = new Date('2026-11-21T12:00:00Z');
/** Of all pixels. */
const MOST_DIFFERENT = 0.005;

// That package is made for x64 alone.
const onX64 = describe.runIf(process.arch === 'x64');

onX64('the looks of', () => {
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await Dashboard.start(async () => chromium.launch(await packagedBrowser()));
    await fill(dashboard);
  });
  afterAll(() => dashboard?.close());

  it.each([
    ['mailings', '/'],
    ['mailing', '/mailings/2', 'As a table'],
    ['editor', '/mailings/1/edit'],
    ['clients', '/clients'],
    ['import', '/clients/import'],
    ['settings', '/settings'],
  ])('%s are those that somebody has looked at, in light and in dark colours', async (name, path, last = 'Live') => {
    const { page } = await dashboard.open('/not-yet');
    await page.clock.setFixedTime(NOW);
    await page.goto(dashboard.origin + path);
    await settled(page);
    await page.getByText(last, { exact: true }).first().waitFor();
    await page.addStyleTag({
      content: '*, ::before { font-family: "Open Sans" !important; caret-color: transparent !important; }',
    });
    for (const colorScheme of ['light', 'dark'] as const) {
      await showIn(page, colorScheme);
      expect(await differenceFrom(join(LOOKS, `${name}-${colorScheme}.png`), page)).toBeLessThanOrEqual(MOST_DIFFERENT);
    }
  });
});

/** Mailings that are over or not begun, at moments that are always the same. */
async function fill({ database: { pool } }: Dashboard): Promise<void> {
  await insertClients(pool, 30, { tags: ['autumn', 'vip'], attributes: { name: 'Anna' } });
  await insertClients(pool, 12, { operatorCode: '912', tags: ['vip'], timeZone: 'Asia/Omsk' });
  await pool.query(`update client set created_at = '2026-01-10T09:00:00Z', updated_at = '2026-01-10T09:00:00Z'`);
  await pool.query(
    `insert into mailing (name, text, filter, starts_at, ends_at, status, launched_at, launch_completed_at, finished_at, total, sent, failed, unknown, created_at)
     select name, 'Hello, {{ name }}!', '{"operatorCodes":[],"tagsAny":["vip"],"tagsAll":[],"timeZones":[]}', at, at + interval '10 h', status,
       launched, launched, launched + interval '95 s', total, total - failed - unknown, failed, unknown, at - interval '1 day'
     from (values ('A draft', timestamptz '2026-11-20T09:00:00Z', 'DRAFT', null::timestamptz, 0, 0, 0),
       ('Spring sale', '2026-03-20T09:00:00Z', 'COMPLETED', '2026-03-20T09:00:00Z', 12000, 240, 60),
       ('Called off', '2026-02-01T09:00:00Z', 'CANCELLED', null, 0, 0, 0)) m (name, at, status, launched, total, failed, unknown)`,
  );
  await countDeliveries(pool);
}

/** When the messages of the mailing that was sent arrived: as if they had been counted, as there are none. */
async function countDeliveries(pool: Dashboard['database']['pool']): Promise<void> {
  await pool.query(
    `insert into mailing_tally_count (mailing_id, dimension, quarter, value, status, count)
     select id, 'TIME_ZONE', launched_at, zone, 'SENT', n
     from mailing, (values ('Europe/Moscow', 9000), ('Asia/Omsk', 2700)) z (zone, n) where launched_at is not null`,
  );
  await pool.query(
    `insert into mailing_tally (mailing_id, version, at, took_ms)
     select id, version, finished_at, 0 from mailing where launched_at is not null`,
  );
}

/** What share of the pixels looks otherwise; writes the picture where that was asked for. */
async function differenceFrom(file: string, page: Page): Promise<number> {
  const taken = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  if (process.env['UPDATE_LOOKS']) {
    await mkdir(LOOKS, { recursive: true });
    await writeFile(file, taken);
  }
  const kept = await readFile(file);
  const compare = await page.context().newPage();
  const share = await compare.evaluate(
    async (pictures) => {
      const [one, other] = await Promise.all(
        pictures.map(async (base64) => {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const canvas = new OffscreenCanvas(picture.width / 2, picture.height / 2);
          const context = canvas.getContext('2d');
          context?.drawImage(picture, 0, 0, canvas.width, canvas.height);
          return context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
        }),
      );
      if (one === undefined || one.length !== other?.length) return 1;
      let different = 0;
      for (let at = 0; at < one.length; at += 4) {
        const distance = [0, 1, 2].map((channel) => Math.abs(one[at + channel]! - other[at + channel]!));
        if (Math.max(...distance) > 40) different += 1;
      }
      return different / (one.length / 4);
    },
    [taken.toString('base64'), kept.toString('base64')],
  );
  await compare.close();
  return share;
}
