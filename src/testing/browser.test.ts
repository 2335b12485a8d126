import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { launchBrowser, packagedBrowser } from './browser.js';

it('finds a browser that runs a page', async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.setContent('<h1>It works</h1>');
  expect(await page.getByRole('heading').textContent()).toBe('It works');
});

it('has a browser of its own where the system has none', async () => {
  const [first, second] = await Promise.all([packagedBrowser(), packagedBrowser()]);
  expect(second.executablePath).toBe(first.executablePath);
  await using browser = await chromium.launch(first);
  const page = await browser.newPage();
  // A form's field is written in the system's own font, which is what this browser misses most.
  await page.setContent('<h1>It works</h1><input type="search" placeholder="name …">');
  expect((await page.screenshot()).length).toBeGreaterThan(0);
  expect(await page.getByRole('heading').textContent()).toBe('It works');
});
