import '@understudy/testkit/matchers';
import { fileURLToPath } from 'node:url';
import { afterEffects, type Payment, startLab } from '@understudy/testkit';
import { expect, test } from 'vitest';
import { checkPayment } from './worker.ts';

const workerCommand = [process.execPath, fileURLToPath(new URL('main.ts', import.meta.url))];

const jobs: readonly Payment[] = Array.from({ length: 300 }, (_, index) => ({
  id: `p-${index + 1}`,
  account: `acc-00${index % 7}`,
  // The one in the middle is a refund in the wrong queue.
  amountCents: index === 150 ? -500 : 100 + index,
}));
const REJECTED = 'p-151';

test.each([
  ['p-1', 'acc-1', 100, /there is no account acc-1/],
  ['p-2', 'acc-001', -500, /-500 cents is no payment/],
  ['p-3', 'acc-001', 0.5, /0.5 cents is no payment/],
  ['p-4', 'acc-001', 100_000_01, /must be approved first/],
])('payment %s of %s, %d cents, is rejected', (id, account, amountCents, why) => {
  expect(() => checkPayment({ id, account, amountCents })).toThrow(why);
});

test.each(['active-passive', 'active-active'] as const)(
  '%s: a node is killed, every payment is booked once, and the rejected one is parked',
  async (mode) => {
    await using lab = await startLab({ mode, nodes: 3, workerCommand, poison: [REJECTED] });
    const run = await lab.run({
      jobs,
      seed: 1,
      rate: 100,
      schedule: [afterEffects(100).kill('leader', { restartAfter: '300ms' })],
    });
    expect(run).toHaveLanded('kill');
    expect(run).toBeExactlyOnce();
    const outcome = run.checkers.find(({ checker }) => checker === 'outcome');
    expect(outcome?.totals).toMatchObject({ parked: 1 });
  },
);
