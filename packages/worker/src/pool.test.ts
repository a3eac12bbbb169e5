import { expect, test, vi } from 'vitest';
import { FakeLane, job, manualSurroundings } from './fakes.test-support.ts';
import { runPool } from './pool.ts';

function setUp(concurrency: number) {
  const lane = new FakeLane();
  const around = manualSurroundings();
  const stop = new AbortController();
  const abandon = new AbortController();
  const shared = { lane, concurrency, stop: stop.signal, abandon: abandon.signal, ...around };
  return { lane, stop, abandon, shared, time: around.time };
}

test('no more jobs are in flight than the concurrency allows', async () => {
  const { lane, stop, shared } = setUp(3);
  lane.push(...Array.from({ length: 20 }, (_, i) => job(`p-${i}`)));
  let inFlight = 0;
  let most = 0;
  let done = 0;
  const finished = runPool({
    ...shared,
    attempt: async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      done += 1;
      if (done === 20) stop.abort();
      return undefined;
    },
  });
  await finished;
  expect({ most, done }).toEqual({ most: 3, done: 20 });
});

test('L11: a pool that is told to stop finishes what is in flight and fetches no more', async () => {
  const { lane, stop, shared } = setUp(1);
  lane.push(job('p-1'), job('p-2'));
  const fetchNext: boolean[] = [];
  await runPool({
    ...shared,
    attempt: (_, askNext) => {
      fetchNext.push(askNext());
      stop.abort();
      fetchNext.push(askNext());
      return Promise.resolve(undefined);
    },
  });
  expect(fetchNext).toEqual([true, false]);
  expect(lane.waiting.map(({ id }) => id)).toEqual(['p-2']);
});

test('a job fetched in the moment of the stop is handed back untouched', async () => {
  const { lane, stop, shared } = setUp(1);
  const attempt = vi.fn();
  lane.fetch = () => {
    stop.abort();
    return Promise.resolve(job('p-1'));
  };
  await runPool({ ...shared, attempt });
  expect(attempt).not.toHaveBeenCalled();
  expect(lane.log).toEqual(['handBack p-1']);
});

test('a job whose settling fails is handed back, however often that takes', async () => {
  const { lane, stop, shared, time } = setUp(1);
  lane.push(job('p-1'));
  lane.failures.set('handBack', new Error('still no Redis'));
  const finished = runPool({
    ...shared,
    attempt: () => {
      stop.abort();
      return Promise.reject(new Error('no Redis'));
    },
  });
  await vi.waitFor(() => expect(time.pending).toBe(1));
  time.advance(1000);
  await finished;
  expect(lane.log).toEqual(['handBack p-1']);
});

test('trouble with fetching is waited out', async () => {
  const { lane, stop, shared, time } = setUp(1);
  const fetch = lane.fetch.bind(lane);
  let calls = 0;
  lane.fetch = (signal) => (++calls === 1 ? Promise.reject(new Error('no Redis')) : fetch(signal));
  lane.push(job('p-1'));
  const attempted: string[] = [];
  const finished = runPool({
    ...shared,
    attempt: ({ id }) => {
      attempted.push(id);
      stop.abort();
      return Promise.resolve(undefined);
    },
  });
  await vi.waitFor(() => expect(time.pending).toBe(1));
  time.advance(1000);
  await finished;
  expect(attempted).toEqual(['p-1']);
});
