import { expect, test } from 'vitest';
import { describeShares, limitOf, watchCores } from './processor-time.ts';

function shares(redis: number, ...processes: number[]) {
  const each = processes.map((share, i) => ({ what: `process ${i + 1}`, share }));
  return [{ what: 'Redis', share: redis }, ...each];
}

test.each([
  ['Redis’ core', shares(0.97, 0.6), 'the core of Redis'],
  ['the node’s core', shares(0.5, 0.99), 'the core of process 1'],
  ['both', shares(0.95, 0.95), 'the core of Redis, of process 1'],
  ['the machine, where many share its cores', shares(0.6, 0.45, 0.45, 0.4), 'the machine'],
  ['waiting, where nobody is busy', shares(0.3, 0.4), 'round trips'],
  ['nothing known, where the system does not tell', shares(Number.NaN, 0.4), 'not known'],
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
  const [own, nobody] = read();
  // Where the system tells: else it is no number.
  expect(own?.share).not.toBeLessThanOrEqual(0);
  expect(nobody?.share).toBeNaN();
});

test('shares are told to a hundredth of a core', () => {
  expect(describeShares(shares(0.976, 0.5))).toBe('Redis 0.98, process 1 0.50');
});
