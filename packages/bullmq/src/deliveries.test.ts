import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BULLMQS, ended, PrivateRedis, type Processor, Stage } from './stage.test-support.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await PrivateRedis.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const credit: Processor = (job, context) =>
  context.credit(job.data.account ?? 'a-1', job.data.amountCents ?? 100);

describe.each(BULLMQS)('%s', (_, bullmq) => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage(server, bullmq);
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  test('C1: a job that stalled and is worked on by two workers at once commits once', async () => {
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const slow = stage.worker(
      stage.safe(async (job, context) => {
        taken.resolve();
        await gate.promise;
        return credit(job, context);
      }),
      { lockDuration: 100, skipLockRenewal: true, skipStalledCheck: true },
    );
    const lostLock = new Promise((resolve) => slow.on('error', resolve));
    await stage.queue.add('pay', { id: 'p-1' });
    await taken.promise;
    const other = stage.worker(stage.safe(credit), { stalledInterval: 50 });
    expect(await ended(other, 1)).toEqual({ completed: ['p-1'], failed: [] });
    gate.resolve();
    // BullMQ refuses the completion of a job that was taken away, as it does without the wrapper.
    await lostLock;
    expect(await stage.jobsWithEffects()).toEqual(['p-1']);
    expect(await stage.balanceOf('a-1')).toBe(100);
  });

  test('C2: a job that is enqueued twice takes effect once, and both of it complete', async () => {
    const worker = stage.worker(stage.safe(credit));
    const all = ended(worker, 2);
    await stage.queue.add('pay', { id: 'p-1' });
    await stage.queue.add('pay', { id: 'p-1' });
    expect(await all).toEqual({ completed: ['p-1', 'p-1'], failed: [] });
    expect(await stage.jobsWithEffects()).toEqual(['p-1']);
  });

  test('C2: the same id with other data, or under another name, is refused with the reason', async () => {
    const worker = stage.worker(stage.safe(credit));
    const all = ended(worker, 3);
    await stage.queue.add('pay', { id: 'p-1', amountCents: 1 }, { attempts: 5 });
    await stage.queue.add('pay', { id: 'p-1', amountCents: 2 }, { attempts: 5 });
    await stage.queue.add('refund', { id: 'p-1', amountCents: 1 }, { attempts: 5 });
    const { completed, failed } = await all;
    expect(completed).toEqual(['p-1']);
    expect(failed.map(([, reason]) => reason)).toEqual(
      Array(2).fill(expect.stringMatching(/another job with the same id/)),
    );
    // For good: it did not come back for the attempts that are left.
    expect(await stage.queue.getJobCountByTypes('failed')).toBe(2);
  });

  test('C4: attempts and back-off go on as before, and nothing is staged by an attempt that fails', async () => {
    const attempts: number[] = [];
    const worker = stage.worker(
      stage.safe((job, context) => {
        attempts.push(job.attemptsMade);
        credit(job, context);
        if (attempts.length < 3) throw new Error('not yet');
        return 'paid';
      }),
      { settings: { backoffStrategy: () => 1 } },
    );
    const all = ended(worker, 3);
    const options = { attempts: 3, backoff: { type: 'mine' } };
    const { id = '' } = await stage.queue.add('pay', { id: 'p-1' }, options);
    const { failed } = await all;
    expect(attempts).toEqual([0, 1, 2]);
    expect(failed).toEqual(Array(2).fill(['p-1', 'not yet']));
    expect(await stage.queue.getJob(id)).toMatchObject({ returnvalue: 'paid', attemptsMade: 3 });
    expect(await stage.balanceOf('a-1')).toBe(100);
  });

  test('a job whose attempts are used up is failed, with no effect', async () => {
    const worker = stage.worker(
      stage.safe((job, context) => {
        credit(job, context);
        throw new Error('no such account');
      }),
    );
    const all = ended(worker, 1);
    await stage.queue.add('pay', { id: 'p-1' });
    expect(await all).toEqual({ completed: [], failed: [['p-1', 'no such account']] });
    expect(await stage.effects()).toEqual([]);
  });

  test('C4: a job that throws after an earlier attempt committed is done, not failed', async () => {
    let attempts = 0;
    const worker = stage.worker(
      stage.safe((job, context) => {
        attempts += 1;
        if (attempts > 1) throw new Error('the account was closed meanwhile');
        credit(job, context);
      }),
    );
    const all = ended(worker, 2);
    await stage.queue.add('pay', { id: 'p-1' });
    await stage.queue.add('pay', { id: 'p-1' });
    expect(await all).toEqual({ completed: ['p-1', 'p-1'], failed: [] });
    expect(await stage.jobsWithEffects()).toEqual(['p-1']);
  });

  test('delay, priority, limiter and a prefix of its own go on as before', async () => {
    const order: string[] = [];
    const waitedMs = new Map<string, number>();
    const worker = stage.worker(
      stage.safe((job, context) => {
        const { id = '' } = job.data;
        order.push(id);
        waitedMs.set(id, (job.processedOn ?? 0) - job.timestamp);
        credit(job, context);
      }),
      { autorun: false, limiter: { max: 2, duration: 50 } },
    );
    const all = ended(worker, 3);
    await stage.queue.add('pay', { id: 'delayed' }, { delay: 300 });
    await stage.queue.add('pay', { id: 'low' }, { priority: 9 });
    await stage.queue.add('pay', { id: 'high' }, { priority: 1 });
    void worker.run();
    expect((await all).failed).toEqual([]);
    expect(order.filter((id) => id !== 'delayed')).toEqual(['high', 'low']);
    expect(waitedMs.get('delayed')).toBeGreaterThanOrEqual(300);
    expect(await stage.jobsWithEffects()).toEqual(order);
  });

  test('a processor that moves its own job and says so has not failed, and nothing of it is committed', async () => {
    let attempts = 0;
    const worker = stage.worker(
      stage.safe(async (job, context) => {
        attempts += 1;
        credit(job, context);
        if (attempts > 1) return;
        await job.moveToDelayed(job.timestamp, context.token);
        throw new bullmq.DelayedError();
      }),
    );
    const all = ended(worker, 1);
    await stage.queue.add('pay', { id: 'p-1' });
    expect(await all).toEqual({ completed: ['p-1'], failed: [] });
    expect(attempts).toBe(2);
    expect(await stage.balanceOf('a-1')).toBe(100);
  });
});
