import { expect, test } from 'vitest';
import { outcomeOf } from '../outcome.ts';
import { readAssets } from './assets.ts';
import { bundleAssets } from './bundle.ts';
import { exampleRun } from './example-run.test-support.ts';
import { reportPage } from './page.ts';

const MODES = ['active-passive', 'active-active', 'uncoordinated'] as const;
const HOSTILE = '</script><img src=x onerror=alert(1)>';
const LIMIT_BYTES = 1_500_000;

test('script and style are what their sources say', async () => {
  expect(await bundleAssets()).toEqual(readAssets());
});

test('a report of 5,000 jobs is smaller than 1.5 MB, one of three such runs too', () => {
  const runs = MODES.map((mode) => exampleRun({ mode, jobs: 5000 }));
  const one = reportPage(runs.slice(2), readAssets());
  const three = reportPage(runs, readAssets(), outcomeOf(runs.map(({ told }) => told)));
  expect(Buffer.byteLength(one)).toBeLessThan(LIMIT_BYTES);
  expect(Buffer.byteLength(three)).toBeLessThan(LIMIT_BYTES);
}, 60_000);

test('the same history and result make the same file', () => {
  const make = (): string =>
    reportPage([exampleRun({ mode: 'active-active', jobs: 50 })], readAssets());
  expect(make()).toBe(make());
});

test('names from outside end no element and begin none', () => {
  const run = exampleRun({
    ...{ mode: 'uncoordinated', jobs: 200, nodes: ['node-1', HOSTILE, 'node-3'] },
    jobId: (n) => `p-${n}${HOSTILE}`,
    account: () => HOSTILE,
  });
  const page = reportPage([run], { script: '', style: '' });
  expect(page).not.toContain('<img');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
});

test('a comparison tells each run, the control’s refutation, and the three answers', () => {
  const runs = MODES.map((mode) => exampleRun({ mode, jobs: 600 }));
  const page = reportPage(runs, readAssets(), outcomeOf(runs.map(({ told }) => told)));
  expect(page).toMatch(/Neither mode was refuted, and the uncoordinated control was/);
  expect(page).toContain('Refuted, as it must be');
  expect(page.match(/class="chart"/g)).toHaveLength(3);
  for (const each of ['Why does the standby', 'How do active nodes', 'What happens when both']) {
    expect(page).toContain(each);
  }
});

test('a run without a fault, without an effect and without a verdict has a report all the same', () => {
  const { header, told } = exampleRun({ mode: 'active-passive', jobs: 3 });
  const nothing = { ...told, status: 'interrupted' as const, checkers: [], counts: null };
  const page = reportPage(
    [{ header, operations: [], told: { ...nothing, faults: [], takeovers: [], explanations: [] } }],
    readAssets(),
  );
  expect(page).toContain('Interrupted');
});
