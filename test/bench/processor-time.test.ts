import { expect, test } from 'vitest';
import { type CoreUse, describeShares, limitOf, watchCores } from './processor-time.ts';

/** What Redis and the processes used of two cores; what is left of them was idle. */
function use(redis: number, ...processes: number[]): CoreUse {
  const each = processes.map((share, i) => ({ what: `process ${i + 1}`, share }));
  const shares = [{ what: 'Redis', share: redis }, ...each];
  return { shares, idleCores: 2 - shares.reduce((sum, { share }) => sum + share, 0) };
}

test.each([
  ['Redis’ core', use(0.97, 0.6), 'the core of Redis'],
  ['the node’s core', use(0.5, 0.99), 'the core of process 1'],
  ['both', use(0.95, 0.95), 'the core of Redis, of process 1'],
  ['the machine, where many share its cores', use(0.6, 0.45, 0.45, 0.4), 'busy, 0.00 of them with'],
  ['waiting, where nobody is busy', use(0.3, 0.4), 'round trips'],
  [
    'what else the machine does, where it leaves nothing idle',
    { ...use(0.3, 0.4), idleCores: 0.05 },
    'busy, 1.25 of them with',
  ],
  ['nothing known, where the system does not tell', use(Number.NaN, 0.4), 'not known'],
])('%s limits', (_, seen, limit) => {
  expect(limitOf(seen, 2)).toContain(limit);
});

test('a process that computes is seen to, and one that is gone is not guessed', () => {
  const read = watchCores(
    new Map([
      ['this one', process.pid],
      ['nobody', 2 ** 22 + 1],
    ]),
  );
  let work = 0;
  for (let i = 0; i < 3e8; i++) work += i % 7;
  expect(work).toBeGreaterThan(0);
  const { shares, idleCores } = read();
  const [own, nobody] = shares;
  expect(idleCores).toBeGreaterThanOrEqual(0);
  // Where the system tells: else it is no number.
  expect(own?.share).not.toBeLessThanOrEqual(0);
  expect(nobody?.share).toBeNaN();
});

test('shares are told to a hundredth of a core', () => {
  expect(describeShares(use(0.976, 0.5).shares)).toBe('Redis 0.98, process 1 0.50');
});
