import { ManualTime, seededPrng } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { commitUntilKnown } from './commit-until-known.ts';
import { CommitUnknown } from './errors.ts';
import type { CommitOutcome } from './ledger.ts';
import { request } from './store.test-support.ts';

/** A ledger that answers what it was told to; `unknown` stands for a lost reply. */
function answering(...answers: (CommitOutcome | 'unknown')[]) {
  const asked: (string | null)[] = [];
  return {
    asked,
    commit: ({ key }: { key: string | null }) => {
      asked.push(key);
      const answer = answers.shift() ?? 'unknown';
      if (answer === 'unknown') return Promise.reject(new CommitUnknown('lost'));
      return Promise.resolve(answer);
    },
  };
}

/** Lets everything run that waits for nothing but the next turn. */
async function turn(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test('C3: an unknown outcome is asked again with the same key until it is known', async () => {
  const time = new ManualTime();
  const ledger = answering('unknown', 'unknown', { status: 'applied', position: '1-0' });
  const { signal } = new AbortController();
  const outcome = commitUntilKnown(ledger, request({ job: 'p-1' }), {
    signal,
    timers: time,
    prng: seededPrng(1),
  });
  for (let i = 0; i < 2; i++) {
    await turn();
    time.advance(500);
  }
  expect(await outcome).toEqual({ status: 'applied', position: '1-0' });
  expect(ledger.asked).toEqual(['p-1', 'p-1', 'p-1']);
});

test('C3: pauses grow, are spread, and stay below the longest', async () => {
  const pauses: number[] = [];
  const timers = {
    after: (delayMs: number, callback: () => void) => {
      pauses.push(delayMs);
      queueMicrotask(callback);
      return () => undefined;
    },
    every: () => () => undefined,
  };
  const ledger = answering(...Array.from({ length: 12 }, () => 'unknown' as const), {
    status: 'applied',
    position: '1-0',
  });
  const { signal } = new AbortController();
  await commitUntilKnown(ledger, request({ job: 'p-1' }), { signal, timers });
  expect(pauses).toHaveLength(12);
  pauses.forEach((pauseMs, i) => {
    const ceilingMs = Math.min(10 * 2 ** i, 500);
    expect(pauseMs).toBeGreaterThanOrEqual(ceilingMs / 2);
    expect(pauseMs).toBeLessThanOrEqual(ceilingMs);
  });
});

test('C3: it stays unknown when the signal aborts', async () => {
  const time = new ManualTime();
  const stop = new AbortController();
  const ledger = answering();
  const options = { signal: stop.signal, timers: time };
  const outcome = commitUntilKnown(ledger, request({ job: 'p-1' }), options);
  await turn();
  stop.abort();
  expect(await outcome).toEqual({ status: 'unknown' });
  expect(ledger.asked).toHaveLength(1);
  expect(time.pending).toBe(0);
});

test('C3: without a key asking again would apply it twice: the first unknown is final', async () => {
  const ledger = answering('unknown', { status: 'applied', position: '1-0' });
  const { signal } = new AbortController();
  const outcome = await commitUntilKnown(ledger, request({ job: 'p-1', key: null }), { signal });
  expect(outcome).toEqual({ status: 'unknown' });
  expect(ledger.asked).toEqual([null]);
});

test('a refusal is an answer and is not asked again', async () => {
  const fenced = { status: 'fenced', reason: 'stale-token', currentEpoch: 3 } as const;
  const ledger = answering(fenced);
  const { signal } = new AbortController();
  expect(await commitUntilKnown(ledger, request({ job: 'p-1' }), { signal })).toEqual(fenced);
});

test('an error that is not about an unknown outcome passes through', async () => {
  const ledger = { commit: () => Promise.reject(new Error('a mistake')) };
  const { signal } = new AbortController();
  const outcome = commitUntilKnown(ledger, request({ job: 'p-1' }), { signal });
  await expect(outcome).rejects.toThrow('a mistake');
});
