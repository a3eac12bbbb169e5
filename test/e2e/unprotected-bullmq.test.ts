import '@understudy/testkit/matchers';
import { fileURLToPath } from 'node:url';
import { afterEffects, type LabOptions, startLab } from '@understudy/testkit';
import { expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('unprotected-bullmq-child.ts', import.meta.url));
// As in examples/plain-bullmq, where the wrapper has all its protections and passes.
const SCHEDULE = [afterEffects(90).pause('leader', { for: '3500ms' })];

async function without(mode: LabOptions['mode'], ...removed: string[]) {
  const workerCommand = [process.execPath, CHILD, ...removed];
  await using lab = await startLab({ mode, nodes: 3, duplicates: 0, workerCommand });
  return lab.run({ jobs: 300, seed: 1, schedule: SCHEDULE });
}

it('a wrapped BullMQ worker whose ledger forgets the key is refuted under pause', async () => {
  expect(await without('active-active', 'no-key')).toBeRefutedBy('duplicated');
});

it('a led BullMQ worker whose ledger takes every token and no key is refuted under pause', async () => {
  const run = await without('active-passive', 'no-key', 'no-fencing');
  expect(run).toBeRefutedBy('duplicated');
});
