import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleRun } from '../example-run.test-support.ts';
import { readAssets } from '../assets.ts';
import { reportPage } from '../page.ts';
import { outcomeOf } from '../../outcome.ts';
import { describeInChromium } from './with-chromium.test-support.ts';

const MODES = ['active-passive', 'active-active', 'uncoordinated'] as const;
const SCHEMES = ['light', 'dark'] as const;
const HOSTILE = '</script><img src=x onerror=alert(1)>';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-report-'));
  const runs = MODES.map((mode) => exampleRun({ mode, jobs: 600 }));
  put('comparison', reportPage(runs, readAssets(), outcomeOf(runs.map(({ told }) => told))));
  put('refuted', reportPage(runs.slice(2), readAssets()));
  const nodes = ['node-1', `n${HOSTILE}`, 'node-3'];
  const hostile = exampleRun({
    ...{ mode: 'uncoordinated', jobs: 200, nodes },
    jobId: (n) => `p-${n}${HOSTILE}`,
    account: () => `"'&${HOSTILE}`,
  });
  put('hostile', reportPage([hostile], readAssets()));
});
afterAll(() => rmSync(directory, { recursive: true }));

function put(name: string, page: string): void {
  writeFileSync(join(directory, `${name}.html`), page);
}

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings of the page, and everything that it asked the network for. */
  readonly complaints: string[];
}

describeInChromium('a report, opened from disk', (browser) => {
  async function open(
    name: string,
    { scheme = 'light', width = 1280 }: { scheme?: 'light' | 'dark'; width?: number } = {},
  ): Promise<Opened> {
    const viewport = { width, height: 900 };
    const context = await browser().newContext({ colorScheme: scheme, viewport });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(directory, `${name}.html`)).href);
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  describe.each(SCHEMES)('in %s', (scheme) => {
    test.each(['comparison', 'refuted', 'hostile'])(
      '%s: it says nothing on the console, asks nobody for anything, and has no barrier that axe knows of',
      async (name) => {
        await using opened = await open(name, { scheme });
        const { page, complaints } = opened;
        expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(scheme);
        await page.evaluate(() =>
          document.querySelectorAll('details').forEach((each) => (each.open = true)),
        );
        // Through the debugger's protocol: the page's own policy lets no other script in.
        await page.evaluate(AXE);
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
          return (await axe.run()).violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
          );
        });
        expect(violations).toEqual([]);
        expect(complaints).toEqual([]);
      },
    );
  });

  test.each([1280, 390])('nothing is wider than a screen of %i px', async (width) => {
    await using opened = await open('comparison', { width });
    const wide = await opened.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(width);
  });

  test('the lanes are drawn: what is painted differs between states, and with the theme', async () => {
    await using opened = await open('refuted');
    const colours = (): Promise<number> =>
      opened.page.evaluate(() => {
        const canvas = document.querySelector('canvas');
        const { data } = canvas!
          .getContext('2d')!
          .getImageData(0, 0, canvas!.width, canvas!.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
    expect(await colours()).toBeGreaterThan(20);
    const paper = (): Promise<string> =>
      opened.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await paper();
    await opened.page.locator('#theme').click();
    expect(await paper()).not.toBe(before);
    expect(await colours()).toBeGreaterThan(20);
  });

  test('the keyboard alone moves the cursor, goes from event to event and zooms', async () => {
    await using opened = await open('comparison');
    const { page } = opened;
    const moment = (): Promise<string> => page.locator('#moment').innerText();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip');
    await page.locator('#cursor').focus();
    const before = await moment();
    await page.keyboard.press('ArrowRight');
    expect(await moment()).not.toBe(before);
    await page.keyboard.press('0');
    await page.keyboard.press('n');
    expect(await page.locator('#values').innerText()).toMatch(/: .*node-1 .*effects\/s/);
    const whole = await page.locator('#scale').innerText();
    await page.keyboard.press('+');
    expect(await page.locator('#scale').innerText()).not.toBe(whole);
    const outlined = await page.evaluate(
      () => getComputedStyle(document.activeElement!).outlineStyle,
    );
    expect(outlined).not.toBe('none');
  });

  test('a job is looked up by its id: attempts, nodes, epoch and effects', async () => {
    await using opened = await open('comparison');
    const { page } = opened;
    await page.locator('#job').fill('p-50');
    await page.keyboard.press('Enter');
    const found = page.locator('#found');
    await found.getByRole('heading', { name: 'p-50 · active-passive' }).waitFor();
    const text = await found.innerText();
    expect(text).toMatch(/exactly one effect, 2 attempts/);
    expect(text).toMatch(/node-1\s+effect, epoch 1, position 50, 12.50 to acc-010/);
    expect(text).toMatch(/2 effects, 2 attempts/);
    expect(text).toContain('EFFECT AGAIN');
    await page.locator('#job').fill('no such job');
    await page.keyboard.press('Enter');
    await found.getByText('No job of this id').first().waitFor();
  });

  test('the violation of an uncoordinated run is shown as messages between those concerned', async () => {
    await using opened = await open('refuted');
    const { page } = opened;
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(
      /Refuted[^]*took effect more than once/,
    );
    const violation = page.locator('article.violation').first();
    expect(await violation.locator('li.own .what').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/node-\d to ledger:\s+EFFECT of p-50/)]),
    );
    expect(await violation.locator('li.own .arrow').count()).toBeGreaterThanOrEqual(2);
    await violation.getByRole('button', { name: 'look up p-50' }).click();
    await page.locator('#found').getByText('EFFECT AGAIN').waitFor();
  });

  test('a takeover is shown in the timeline, and its command can be copied', async () => {
    await using opened = await open('comparison');
    const { page } = opened;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const before = await page.locator('#scale').innerText();
    await page.locator('button.show').first().click();
    expect(await page.locator('#scale').innerText()).not.toBe(before);
    const copy = page.locator('button.copy').first();
    await copy.click();
    await page
      .getByText(/^(copied|selected)/)
      .first()
      .waitFor();
  });

  test('names from outside are text, whatever they hold', async () => {
    await using opened = await open('hostile');
    const { page, complaints } = opened;
    await page.locator('#job').fill('p-50');
    await page.keyboard.press('Enter');
    await page.locator('#found').getByText(`p-50${HOSTILE}`).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.lane-words').nth(1).innerText()).toContain(HOSTILE);
    expect(complaints).toEqual([]);
  });

  test('on paper it is light, whatever the theme, and without what only a screen needs', async () => {
    await using opened = await open('refuted', { scheme: 'dark' });
    const { page } = opened;
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
    expect(await page.locator('.controls').isVisible()).toBe(false);
    expect(await page.locator('canvas').isVisible()).toBe(true);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  });
});

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
}
