// One process that works a filled queue: `ours` or `bare`. It prints `ready` when it has loaded what it
// needs, begins with the first line that it reads, and stops with the second.
import process from 'node:process';
import { createInterface } from 'node:readline';
import { settingsFromEnvironment, startWorker } from '@understudy/worker';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { QUEUE } from '../fleet/lane.ts';

interface Payment {
  readonly account: string;
  readonly amountCents: number;
}

function bare(): () => Promise<void> {
  const connection = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const worker = new Worker(QUEUE, () => Promise.resolve(), {
    connection,
    prefix: process.env.UNDERSTUDY_PREFIX ?? '',
    concurrency: Number(process.env.UNDERSTUDY_CONCURRENCY),
  });
  return async () => {
    await worker.close();
    connection.disconnect();
  };
}

function ours(): () => Promise<void> {
  const worker = startWorker<Payment>(
    { queue: QUEUE, handle: ({ data }, { credit }) => credit(data.account, data.amountCents) },
    { settings: settingsFromEnvironment(process.env) },
  );
  return () => worker.stop();
}

let stop: (() => Promise<void>) | undefined;
const lines = createInterface({ input: process.stdin });
lines.on('line', () => {
  if (!stop) stop = process.argv[2] === 'bare' ? bare() : ours();
  else void stop().then(() => lines.close());
});
process.stdout.write('ready\n');
