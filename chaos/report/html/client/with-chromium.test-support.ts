import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isExecutable } from '@understudy/runtime';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const LAUNCH_LIMIT_MS = 120_000;
const stamp = z.looseObject({ chromiumMissing: z.string().optional() });

/**
 * A group of tests in a real Chromium, which are given one. Where this machine has none they are
 * reported as skipped, with the reason in their name; and CI fails, because it demands that every test
 * runs.
 */
export function describeInChromium(claim: string, tests: (browser: () => Browser) => void): void {
  const found = findChromium();
  const without = 'missing' in found ? ` (skipped, no Chromium: ${found.missing})` : '';
  describe.skipIf(without !== '')(claim + without, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      if ('missing' in found) return;
      browser = await chromium.launch({ executablePath: found.path, timeout: LAUNCH_LIMIT_MS });
    }, LAUNCH_LIMIT_MS);
    afterAll(() => browser?.close());
    tests(() => {
      if (!browser) throw new Error('the browser is started before the tests');
      return browser;
    });
  });
}

/** As setup finds it: `CHROMIUM`, else on PATH, else what setup unpacked. */
function findChromium(): { path: string } | { missing: string } {
  const named = process.env.CHROMIUM;
  if (named) return { path: named };
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const path = [...folders, join(ROOT, '.understudy', 'bin')]
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable);
  return path === undefined ? { missing: noteOfSetup() } : { path };
}

function noteOfSetup(): string {
  const nothing = 'setup did not look for it: run `node scripts/setup.mjs --with chromium`';
  try {
    const text = readFileSync(join(ROOT, '.understudy', 'setup.json'), 'utf8');
    return stamp.parse(JSON.parse(text)).chromiumMissing || nothing;
  } catch {
    return nothing;
  }
}
