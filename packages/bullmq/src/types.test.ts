// What is claimed here is checked by the compiler: the classes of both BullMQs take the wrappers, and
// the job in the processor is BullMQ's own.
import { type Job as Job6, Worker as Worker6 } from 'bullmq';
import { type Job as Job5, Worker as Worker5 } from 'bullmq5';
import { expectTypeOf, test } from 'vitest';
import type { BullmqWorker } from './bullmq-shapes.ts';
import { exactlyOnce } from './exactly-once.ts';

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

const options = { redisUrl: 'redis://127.0.0.1:1', group: 'g' };
const connection = { host: '127.0.0.1', port: 1 };

function inBullmq5(): BullmqWorker {
  const processor = exactlyOnce((job: Job5<Payment>, { credit }) => {
    expectTypeOf(job.data).toEqualTypeOf<Payment>();
    expectTypeOf(job.updateProgress).toBeFunction();
    credit(job.data.account, job.data.amountCents);
    return 5;
  }, options);
  return new Worker5<Payment, number>('payments', processor, { connection, autorun: false });
}

function inBullmq6(): BullmqWorker {
  const processor = exactlyOnce(async (job: Job6<Payment>, { credit }) => {
    expectTypeOf(job.data).toEqualTypeOf<Payment>();
    credit(job.data.account, job.data.amountCents);
    await job.updateProgress(50);
    return 'paid';
  }, options);
  expectTypeOf(processor).returns.resolves.toEqualTypeOf<string>();
  return new Worker6<Payment, string>('payments', processor, { connection, autorun: false });
}

function written(): BullmqWorker {
  return new Worker6<Payment, void>(
    'payments',
    // The job's type comes from where the processor goes.
    exactlyOnce((job, { credit }) => {
      expectTypeOf(job.data.account).toBeString();
      credit(job.data.account, job.data.amountCents);
    }, options),
    { connection },
  );
}

test('the workers of BullMQ 5 and 6 take a wrapped processor, and whenLeader() takes both', () => {
  expectTypeOf(inBullmq5).returns.toEqualTypeOf<BullmqWorker>();
  expectTypeOf(inBullmq6).returns.toEqualTypeOf<BullmqWorker>();
  expectTypeOf(written).returns.toEqualTypeOf<BullmqWorker>();
});
