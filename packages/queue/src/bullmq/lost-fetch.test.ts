import { expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet } from './fleet.test-support.ts';

/** In so many looks at the queue a fetch that is on its way has arrived. */
const LOOKS = 200;

test('R1: after a connection was cut with replies on their way, every job is delivered all the same', async () => {
  await using data = await DataRedis.start();
  await using fleet = new TestFleet(data);
  const node = await fleet.node({ absentAfterMs: 60_000, lockDurationMs: 60_000 });
  const names = Array.from({ length: 20 }, (_, i) => `p-${i}`);
  const done = new Set<string>();
  const stop = new AbortController();
  const slot = async (): Promise<void> => {
    let job = await node.lane.fetch(stop.signal);
    while (job) {
      done.add(job.id);
      const { next } = await node.lane.complete(job, { fetchNext: true });
      job = next ?? (await node.lane.fetch(stop.signal));
    }
  };
  const slots = Array.from({ length: 4 }, slot);
  for (let round = 0; round < 2; round++) {
    node.link.loseReplies();
    await fleet.enqueue(names.slice(round * 10, round * 10 + 10));
    // Something was fetched, and nobody will be told; or nothing will be, because the answer that
    // there is nothing was lost.
    for (let look = 0; look < LOOKS && (await fleet.bull.getActiveCount()) === 0; look++);
    node.link.cut();
    while (done.size < (round + 1) * 10) await node.lane.recover();
  }
  stop.abort();
  await Promise.all(slots);
  expect(done.size).toBe(20);
  while ((await fleet.bull.getActiveCount()) > 0) await node.lane.recover();
  expect(await fleet.bull.getJobCounts('completed', 'failed')).toEqual({
    completed: 20,
    failed: 0,
  });
});
