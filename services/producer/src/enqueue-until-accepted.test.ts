import { ManualTime } from '@understudy/runtime';
import { silentLogger } from '@understudy/telemetry';
import { expect, test, vi } from 'vitest';
import { enqueueUntilAccepted, type EnqueueOptions } from './enqueue-until-accepted.ts';

/** A queue that refuses the first `refusals` jobs, and what became of each try. */
function stage(refusals: number) {
  const time = new ManualTime();
  const journal: string[] = [];
  const stopping = new AbortController();
  const options: EnqueueOptions = {
    producer: {
      enqueue: () =>
        journal.length < refusals ? Promise.reject(new Error('OOM')) : Promise.resolve(),
    },
    signal: stopping.signal,
    timers: time,
    log: silentLogger,
    onEnqueued: () => void journal.push('enqueued'),
    onRefused: () => void journal.push('refused'),
  };
  return { time, journal, stopping, options };
}

test('a job that is refused is enqueued again after a pause, until it is accepted', async () => {
  const { time, journal, options } = stage(2);
  const done = enqueueUntilAccepted(options, { id: 'p-1' });
  for (let tries = 1; tries <= 2; tries++) {
    await vi.waitFor(() => expect([journal.length, time.pending]).toEqual([tries, 1]));
    time.advance(500);
  }
  await done;
  expect(journal).toEqual(['refused', 'refused', 'enqueued']);
});

test('a producer that is told to stop does not go on with a job that is refused', async () => {
  const { journal, stopping, options } = stage(Infinity);
  const done = enqueueUntilAccepted(options, { id: 'p-1' });
  stopping.abort();
  await done;
  expect(journal).toEqual(['refused']);
});
