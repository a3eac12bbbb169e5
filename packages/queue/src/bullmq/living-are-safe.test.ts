import { seededPrng } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DataRedis } from '../data-redis.test-support.ts';
import { TestFleet, type TestNode } from './fleet.test-support.ts';

let data: DataRedis;
beforeAll(async () => {
  data = await DataRedis.start();
});
afterAll(() => data[Symbol.asyncDispose]());

const SLOTS = 8;
const JOBS = 600;

test('R1: survivors recover in a loop while all fetch: the dead lose everything, the living nothing', async () => {
  const prng = seededPrng(process.env.TEST_SEED ?? '');
  await using fleet = new TestFleet(data);
  await fleet.enqueue(Array.from({ length: JOBS }, (_, i) => `p-${i}`));
  const nodes: TestNode[] = [];
  for (let i = 0; i < 5; i++) nodes.push(await fleet.node({ absentAfterMs: 60_000 }));
  const stop = new AbortController();
  const run = new Run(fleet, stop);
  const working = nodes.map((node) => run.work(node));
  const recovering = nodes.map((node) => run.recover(node));
  // Two of them die in the middle, with whatever they hold.
  for (const victim of [prng.integer(0, 1), prng.integer(2, 3)]) {
    await run.completedAtLeast(prng.integer(100, 250) * (victim < 2 ? 1 : 2));
    run.kill(nodes[victim] as TestNode);
  }
  await run.completedAtLeast(JOBS);
  stop.abort();
  await Promise.all([...working, ...recovering]);
  expect(run.stolen).toEqual([]);
  expect(await fleet.bull.getJobCounts('completed', 'failed', 'wait', 'active')).toEqual({
    completed: JOBS,
    failed: 0,
    wait: 0,
    active: 0,
  });
});

/** Works on a queue and notes every job that a living node lost. */
class Run {
  readonly stolen: string[] = [];
  readonly #fleet: TestFleet;
  readonly #stop: AbortController;
  readonly #dead = new Set<TestNode>();

  constructor(fleet: TestFleet, stop: AbortController) {
    this.#fleet = fleet;
    this.#stop = stop;
  }

  kill(node: TestNode): void {
    this.#dead.add(node);
    node.kill();
    // The process is gone: what it waits for never comes.
    void node.lane[Symbol.asyncDispose]();
  }

  async completedAtLeast(count: number): Promise<void> {
    while ((await this.#fleet.bull.getCompletedCount()) < count);
  }

  async work(node: TestNode): Promise<void> {
    await Promise.all(Array.from({ length: SLOTS }, () => this.#slot(node)));
  }

  async recover(node: TestNode): Promise<void> {
    while (!this.#stop.signal.aborted && !this.#dead.has(node)) {
      await node.lane.recover().catch(() => undefined);
    }
  }

  async #slot(node: TestNode): Promise<void> {
    let job = await node.lane.fetch(this.#stop.signal);
    while (job) {
      const { status, next } = await node.lane.complete(job, { fetchNext: true });
      if (status === 'lost' && !this.#dead.has(node)) this.stolen.push(job.id);
      job = next ?? (await node.lane.fetch(this.#stop.signal));
    }
  }
}
