import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BULLMQS, ended, PrivateRedis, type Processor, Stage } from './stage.test-support.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await PrivateRedis.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const credit: Processor = (_, context) => context.credit('a-1', 100);

describe.each(BULLMQS)('%s', (_, bullmq) => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage(server, bullmq);
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  test('job schedulers are supported: each occurrence is a job of its own, though all carry one data.id', async () => {
    const worker = stage.worker(stage.safe(credit));
    const all = ended(worker, 2);
    const template = { name: 'interest', data: { id: 'monthly' } };
    await stage.queue.upsertJobScheduler('interest', { every: 50, limit: 2 }, template);
    expect((await all).failed).toEqual([]);
    const jobs = await stage.jobsWithEffects();
    expect(jobs).toEqual(Array(2).fill(expect.stringMatching(/^repeat:interest:\d+$/)));
    expect(new Set(jobs).size).toBe(2);
  });

  test('flows are supported: children first, then the parent, each once', async () => {
    const worker = stage.worker(stage.safe(credit));
    const all = ended(worker, 3);
    const { connection, prefix, queueName } = stage;
    const flows = new bullmq.FlowProducer({ connection, prefix });
    stage.endsWith(() => flows.close());
    const child = (id: string) => ({ name: 'item', queueName, data: { id } });
    const children = [child('item-1'), child('item-2')];
    await flows.add({ name: 'order', queueName, data: { id: 'order-1' }, children });
    expect((await all).failed).toEqual([]);
    const jobs = await stage.jobsWithEffects();
    expect([...jobs].sort()).toEqual(['item-1', 'item-2', 'order-1']);
    expect(jobs.at(-1)).toBe('order-1');
  });

  test('a parent that waits for children it added itself commits when they are done', async () => {
    const worker = stage.worker(
      stage.safe(async (job, context) => {
        credit(job, context);
        if (job.data.id !== 'order-1' || job.attemptsStarted > 1) return;
        const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
        await stage.queue.add('item', { id: 'item-1' }, { parent });
        const waits = await job.moveToWaitingChildren(context.token ?? '');
        if (waits) throw new bullmq.WaitingChildrenError();
      }),
    );
    const all = ended(worker, 2);
    await stage.queue.add('order', { id: 'order-1' });
    expect(await all).toEqual({ completed: ['item-1', 'order-1'], failed: [] });
    expect(await stage.jobsWithEffects()).toEqual(['item-1', 'order-1']);
  });

  test('C2: a job known by its jobId commits under it; one that only BullMQ numbered is refused', async () => {
    const worker = stage.worker(stage.safe(credit));
    const all = ended(worker, 3);
    const { connection, prefix, queueName } = stage;
    const flows = new bullmq.FlowProducer({ connection, prefix });
    stage.endsWith(() => flows.close());
    await stage.queue.add('pay', {}, { jobId: 'invoice-17' });
    await stage.queue.add('pay', {}, { attempts: 5 });
    await flows.add({ name: 'pay', queueName, data: {} });
    const { completed, failed } = await all;
    expect(completed).toEqual(['invoice-17']);
    const why = /data has no "id" and it was enqueued without a jobId: give it an id of your own/;
    expect(failed.map(([, reason]) => reason)).toEqual(Array(2).fill(expect.stringMatching(why)));
    expect(await stage.jobsWithEffects()).toEqual(['invoice-17']);
  });

  test('one group serves one queue: the job of another is refused with the reason', async () => {
    const safe = stage.safe(credit);
    const worker = stage.worker(safe);
    const first = ended(worker, 1);
    await stage.queue.add('pay', { id: 'p-1' });
    await first;
    const { connection, prefix } = stage;
    const others = new bullmq.Queue('refunds', { connection, prefix });
    stage.endsWith(() => others.close());
    const other = new bullmq.Worker('refunds', safe, { connection, prefix });
    stage.endsWith(() => other.close());
    const second = ended(other, 1);
    await others.add('pay', { id: 'p-2' });
    expect((await second).failed).toEqual([['p-2', expect.stringMatching(/serves the queue/)]]);
  });
});
