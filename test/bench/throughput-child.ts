import { systemClock } from '@understudy/runtime';
import { settingsFromEnvironment, startWorker } from '@understudy/worker';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * One process that works a filled queue empty and prints jobs a second. Arguments: `ours` or
 * `bare`, and how many jobs are there. A process of its own for each figure, so that neither
 * side warms the other up.
 */
const [side, count] = [process.argv[2], Number(process.argv[3])];
const url = process.env.REDIS_URL ?? '';
const concurrency = Number(process.env.UNDERSTUDY_CONCURRENCY);
const prefix = process.env.UNDERSTUDY_PREFIX ?? '';

const finished = Promise.withResolvers<void>();
let handled = 0;
let firstMs = 0;

function note(): void {
  if (handled === 0) firstMs = systemClock.monotonicMs();
  handled += 1;
  if (handled === count) finished.resolve();
}

async function bare(): Promise<void> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const worker = new Worker('payments', () => Promise.resolve(note()), {
    ...{ connection, prefix, concurrency },
  });
  await finished.promise;
  await worker.close();
  connection.disconnect();
}

async function ours(): Promise<void> {
  const worker = startWorker(
    { queue: 'payments', handle: (_job, { credit }) => void (credit('a', 1), note()) },
    { settings: settingsFromEnvironment(process.env) },
  );
  await finished.promise;
  await worker.stop();
}

const connection = new Redis(url, { maxRetriesPerRequest: null });
const queue = new Queue('payments', { connection, prefix });
await (side === 'ours' ? ours() : bare());
// The last handler ran before the last completion: stopping waited for it, so it counts.
const seconds = (systemClock.monotonicMs() - firstMs) / 1000;
const effects = side === 'ours' ? await connection.xlen(process.env.UNDERSTUDY_EFFECTS ?? '') : 0;
const left = await queue.getJobCounts('waiting', 'active', 'failed');
process.stdout.write(JSON.stringify({ perSecond: count / seconds, effects, left }));
await queue.close();
connection.disconnect();
