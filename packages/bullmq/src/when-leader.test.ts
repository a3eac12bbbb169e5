import { ledgerScripts, redisLedger } from '@understudy/exactly-once';
import { announceIncarnation } from '@understudy/queue/take-back';
import { scriptOf } from '@understudy/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exactlyOnce } from './exactly-once.ts';
import type { Leader } from './leadership.ts';
import {
  BULLMQS,
  ended,
  type Job,
  PrivateRedis,
  type Processor,
  Stage,
} from './stage.test-support.ts';
import { whenLeader, type WhenLeaderOptions } from './when-leader.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await PrivateRedis.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const credit: Processor = (_, context) => context.credit('a-1', 100);
/** Longer than any test: what comes back sooner was taken back. */
const LOCK_MS = 60_000;

describe.each(BULLMQS)('%s', (_, bullmq) => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage(server, bullmq);
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  function led(processor: Processor, leader: Leader, options: WhenLeaderOptions = {}) {
    const safe = exactlyOnce<Job, unknown>(processor, { leader });
    const worker = stage.worker(safe, { autorun: false, lockDuration: LOCK_MS });
    return { worker, running: whenLeader(worker, leader, options) };
  }

  const active = (node: string) => stage.said((event) => isActive(event) && event.node === node);

  test('R2: a standby fetches nothing while another leads, and takes over when it stops', async () => {
    const first = led(credit, stage.leader({ nodeId: 'node-1' }));
    await active('node-1');
    const second = led(credit, stage.leader({ nodeId: 'node-2' }));
    await stage.said((event) => event.event === 'ready' && event.node === 'node-2');
    const byFirst = ended(first.worker, 2);
    await stage.queue.add('pay', { id: 'p-1' });
    await stage.queue.add('pay', { id: 'p-2' });
    await byFirst;
    expect(second.running.state).toBe('passive');
    await first.running.stop();
    const bySecond = ended(second.worker, 1);
    await stage.queue.add('pay', { id: 'p-3' });
    await bySecond;
    expect(await stage.effects()).toMatchObject([
      { job: 'p-1', node: 'node-1', epoch: '1' },
      { job: 'p-2', node: 'node-1', epoch: '1' },
      { job: 'p-3', node: 'node-2', epoch: '2' },
    ]);
    expect([first.running.state, second.running.state]).toEqual(['stopped', 'active']);
  });

  test('L6: what a deposed leader still wants to commit is fenced, and its job goes on under the next term', async () => {
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const { worker } = led(async (job, context) => {
      taken.resolve();
      await gate.promise;
      return credit(job, context);
    }, stage.leader());
    const all = ended(worker, 1);
    await stage.queue.add('pay', { id: 'p-1' });
    await taken.promise;
    // Another term becomes current, as it does while its holder stands still.
    await usurp();
    gate.resolve();
    expect(await all).toEqual({ completed: ['p-1'], failed: [] });
    expect(await stage.effects()).toMatchObject([{ job: 'p-1', epoch: '3' }]);
    expect(stage.events.filter(({ event }) => event === 'attempt')).toHaveLength(2);
    const states = stage.events.flatMap((event) => (event.event === 'state' ? event.state : []));
    expect(states).toEqual(['starting', 'passive', 'active', 'passive', 'active']);
  });

  test('the control: a ledger that takes every token applies the same commit, under the epoch of the deposed', async () => {
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const { text } = ledgerScripts.commit;
    const check = 'tokenCurrent = current[1] == epoch and current[2] == term';
    expect(text.split(check)).toHaveLength(2);
    const commit = scriptOf(text.replace(check, 'tokenCurrent = true'));
    const { worker } = led(
      async (job, context) => {
        taken.resolve();
        await gate.promise;
        return credit(job, context);
      },
      stage.leader({ scripts: { commit } }),
    );
    const all = ended(worker, 1);
    await stage.queue.add('pay', { id: 'p-1' });
    await taken.promise;
    await usurp();
    gate.resolve();
    await all;
    expect(await stage.effects()).toMatchObject([{ job: 'p-1', epoch: '1' }]);
  });

  async function usurp(): Promise<void> {
    const { redisUrl: url, group } = stage.groupOptions;
    await using ledger = redisLedger({ url, group, name: 'usurper' });
    await ledger.ready();
    const { epoch, runId } = await ledger.readEpoch();
    await ledger.mint({ term: 'usurper', expected: epoch, floor: epoch, runId });
  }

  test('R1: the job of a worker that died comes back at once, and not when its lock runs out', async () => {
    const { redisUrl: url, group } = stage.groupOptions;
    const dead = stage.worker(null, { lockDuration: LOCK_MS });
    const who = { url, group, node: 'node-0', incarnation: dead.id };
    const presence = await announceIncarnation(who);
    await stage.queue.add('pay', { id: 'p-1' });
    // As BullMQ itself makes the tokens of a worker.
    const job = await dead.getNextJob(`${dead.id}:0`);
    expect(job).toMatchObject({ data: { id: 'p-1' } });
    await presence[Symbol.asyncDispose]();
    const { worker } = led(credit, stage.leader());
    expect(await ended(worker, 1)).toEqual({ completed: ['p-1'], failed: [] });
    expect(stage.events).toContainEqual(
      expect.objectContaining({ event: 'recovered', jobs: 1, from: [dead.id] }),
    );
  });

  test('a paused queue is left as it is: what is taken back into it would be thrown away', async () => {
    const { redisUrl: url, group } = stage.groupOptions;
    const dead = stage.worker(null, { lockDuration: LOCK_MS });
    const presence = await announceIncarnation({
      ...{ url, group, node: 'node-0', incarnation: dead.id },
    });
    await stage.queue.add('pay', { id: 'p-1' });
    await dead.getNextJob(`${dead.id}:0`);
    await stage.queue.pause();
    await stage.queue.add('pay', { id: 'p-2' });
    await presence[Symbol.asyncDispose]();
    const { worker } = led(credit, stage.leader());
    await active('node-1');
    const all = ended(worker, 2);
    await stage.queue.resume();
    expect((await all).completed.sort()).toEqual(['p-1', 'p-2']);
  });

  test('L11: a stop waits for what is in flight, and releases the lease afterwards', async () => {
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const { worker, running } = led(async (job, context) => {
      taken.resolve();
      await gate.promise;
      return credit(job, context);
    }, stage.leader());
    await stage.queue.add('pay', { id: 'p-1' });
    await taken.promise;
    // As an owner stops a worker who knows of no leadership.
    const closed = worker.close();
    await stage.said((event) => event.event === 'state' && event.state === 'draining');
    gate.resolve();
    await closed;
    await running.done;
    expect(await stage.jobsWithEffects()).toEqual(['p-1']);
    expect(await stage.queue.getJobCountByTypes('completed')).toBe(1);
  });

  test('L11: a drain that takes too long hands back, and nothing fails for it', async () => {
    const taken = Promise.withResolvers<void>();
    const { running } = led(
      () => {
        taken.resolve();
        return new Promise(() => undefined);
      },
      stage.leader(),
      { drainMs: 50 },
    );
    await stage.queue.add('pay', { id: 'p-1' });
    await taken.promise;
    await running.stop();
    const counts = await stage.queue.getJobCounts('waiting', 'active', 'failed');
    expect(counts).toMatchObject({ waiting: 1, active: 0, failed: 0 });
    expect(await stage.effects()).toEqual([]);
  });

  test('a processor whose leader leads no worker hands its jobs back', async () => {
    const leader = stage.leader();
    const safe = exactlyOnce<Job, unknown>(credit, { leader });
    const worker = stage.worker(safe, { autorun: false });
    await stage.queue.add('pay', { id: 'p-1' });
    const job = await worker.getNextJob('t:1');
    await expect(safe(job, 't:1')).rejects.toMatchObject({ code: 'HANDED_BACK' });
    expect(await job?.getState()).toBe('waiting');
  });

  test('a leader leads one worker: a second one is refused with the reason', () => {
    const leader = stage.leader();
    const safe = exactlyOnce<Job, unknown>(credit, { leader });
    const options = { autorun: false };
    whenLeader(stage.worker(safe, options), leader);
    expect(() => whenLeader(stage.worker(safe, options), leader)).toThrow(/has a worker already/);
  });
});

function isActive(event: { event: string; state?: string }): boolean {
  return event.event === 'state' && event.state === 'active';
}
