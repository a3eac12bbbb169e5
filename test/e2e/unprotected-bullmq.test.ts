import '@understudy/testkit/matchers';
import { fileURLToPath } from 'node:url';
import { afterEffects, startLab } from '@understudy/testkit';
import { expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('unprotected-bullmq-child.ts', import.meta.url));

it('a wrapped BullMQ worker whose ledger looks at no key is refuted under pause', async () => {
  // As in examples/plain-bullmq, where the wrapper has all its protections and passes.
  const workerCommand = [process.execPath, CHILD];
  await using lab = await startLab({
    mode: 'active-active',
    nodes: 3,
    rate: 100,
    duplicates: 0,
    workerCommand,
  });
  const schedule = [afterEffects(90).pause('leader', { for: '3500ms' })];
  const run = await lab.run({ jobs: 600, seed: 1, schedule });
  expect(run).toBeRefutedBy('duplicated');
});
