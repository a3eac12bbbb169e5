import '@understudy/testkit/matchers';
import { fileURLToPath } from 'node:url';
import { afterEffects, type LabOptions, startLab } from '@understudy/testkit';
import { expect, test } from 'vitest';

const SEED = 1;
/** Of a lock that lasts a second: its job has been given to somebody else long before. */
const PAST_EVERY_LOCK = '3500ms';

/** The schedule of pause-past-ttl, on payments that are each enqueued once. */
async function underPause(file: string, mode: LabOptions['mode']) {
  const workerCommand = [process.execPath, fileURLToPath(new URL(file, import.meta.url))];
  // Slow enough that a busy machine is in time, with some seven payments in flight at each node.
  await using lab = await startLab({ mode, nodes: 3, rate: 100, duplicates: 0, workerCommand });
  const schedule = [afterEffects(90).pause('leader', { for: PAST_EVERY_LOCK })];
  return await lab.run({ jobs: 600, seed: SEED, schedule });
}

test('a bare BullMQ worker that stood still books a payment that was booked meanwhile', async () => {
  const run = await underPause('worker.ts', 'active-active');
  expect(run).toHaveLanded('pause');
  expect(run).toBeRefutedBy('duplicated');
});

test('the same worker, wrapped, books each payment once', async () => {
  const run = await underPause('safe-worker.ts', 'active-active');
  expect(run).toHaveLanded('pause');
  expect(run).toBeExactlyOnce();
});

test('the same worker, wrapped and led, books each once, and under one leader at a time', async () => {
  const run = await underPause('safe-worker.ts', 'active-passive');
  expect(run).toHaveLanded('pause');
  expect(run).toBeExactlyOnce();
  expect(run).toHaveOneEffectiveLeader();
});
