import { ManualTime, systemTimers, type Timers } from '@understudy/runtime';
import { beforeEach, expect, test } from 'vitest';
import type { Enqueuer } from '../workload/enqueuer.ts';
import { systemEnqueuer } from './system-enqueuer.ts';
import { JobRefused, type SystemRun } from './system.ts';

const job = { id: 'p-1', account: 'a', amountCents: 1 };
let failures: Error[];
beforeEach(() => void (failures = []));

function enqueuer(enqueue: () => unknown, timers: Timers = systemTimers): Enqueuer {
  return systemEnqueuer({
    system: { nodes: { command: 'x' }, enqueue, readEffects: () => [] },
    run: {} as SystemRun,
    onFailure: (error) => void failures.push(error),
    timers,
  });
}

test('resolving is an acknowledgement, whatever with', async () => {
  await using one = enqueuer(() => Promise.resolve(42));
  expect(await one.enqueue(job)).toEqual({ type: 'ok' });
});

test('rejecting or throwing leaves it unknown, unless the error says that it was refused', async () => {
  let error: Error | undefined;
  await using one = enqueuer(() => {
    if (error) throw error;
  });
  await one.enqueue(job);
  error = new TypeError('gone');
  expect(await one.enqueue(job)).toEqual({ type: 'info', error: 'gone' });
  error = new JobRefused('full');
  expect(await one.enqueue(job)).toEqual({ type: 'fail', error: 'full' });
  error = Object.assign(new TypeError('full too'), { refused: true });
  expect(await one.enqueue(job)).toMatchObject({ type: 'fail' });
  expect(failures).toEqual([]);
});

test('when not even the first job can be handed over, the run ends with the words of the hook', async () => {
  await using one = enqueuer(() => Promise.reject(new TypeError('connect ECONNREFUSED')));
  await one.enqueue(job);
  expect(failures).toHaveLength(1);
  expect(failures[0]?.message).toMatch(/first job, p-1: connect ECONNREFUSED\. Nothing was tested/);
});

test('an enqueue that never settles leaves it unknown when its time is over', async () => {
  const time = new ManualTime();
  await using one = enqueuer(() => new Promise(() => undefined), time);
  const answer = one.enqueue(job);
  time.advance(5000);
  expect(await answer).toMatchObject({
    type: 'info',
    error: expect.stringContaining('within 5 s'),
  });
});
