import '@understudy/testkit/matchers';
import { afterEffects, startLab } from '@understudy/testkit';
import { expect, it } from 'vitest';
import { PAST_EVERY_TTL, SHORT } from './settings.ts';

// Who sleeps with jobs in hand, while others do them, and then goes on where it was.
const sleepers = [
  afterEffects(80).pause('leader', { for: PAST_EVERY_TTL }),
  afterEffects(160).pause('leader', { for: PAST_EVERY_TTL }),
];

// There is work for the second fault however busy the machine is, and who falls asleep has jobs in hand.
const unhurried = { jobs: 300, seed: 1, rate: 80, handlerMs: 100 } as const;

it('the uncoordinated fleet is refuted by jobs that are enqueued twice', async () => {
  await using lab = await startLab({ ...SHORT, mode: 'uncoordinated', duplicates: 0.05 });
  const run = await lab.run({ jobs: 300, seed: 1, schedule: [afterEffects(80).kill('leader')] });
  expect(run).toBeRefutedBy('duplicated');
  expect(run).not.toBeExactlyOnce();
});

it('the uncoordinated fleet is refuted by faults alone, with every job enqueued once', async () => {
  await using lab = await startLab({ ...SHORT, mode: 'uncoordinated', duplicates: 0 });
  const run = await lab.run({ ...unhurried, handlerMs: 300, schedule: sleepers });
  expect(run).toBeRefutedBy('duplicated');
});

it('active-passive without fencing and without idempotency is refuted under pause', async () => {
  await using lab = await startLab({
    ...SHORT,
    mode: 'active-passive',
    duplicates: 0,
    sabotage: ['no-fencing', 'no-idempotency'],
  });
  const run = await lab.run({ ...unhurried, schedule: sleepers });
  expect(run).toBeRefutedBy('duplicated');
});

it('the same schedule does not refute the fleet with its protections', async () => {
  await using lab = await startLab({ ...SHORT, mode: 'active-passive', duplicates: 0 });
  expect(await lab.run({ ...unhurried, schedule: sleepers })).toBeExactlyOnce();
});
