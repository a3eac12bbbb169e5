// A worker as BullMQ's documentation shows one: https://docs.bullmq.io/guide/workers. It takes payments
// from a queue, asks the bank, and books each by an entry in a stream.
//
// Nothing of Understudy is in here. What the lab tells it comes from the environment.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

const {
  REDIS_URL = 'redis://127.0.0.1:6379',
  UNDERSTUDY_QUEUE = 'payments',
  UNDERSTUDY_PREFIX = 'bull',
  UNDERSTUDY_EFFECTS = 'bookings',
  UNDERSTUDY_NODE_ID = 'node-1',
} = process.env;

/** How long the bank takes to answer. */
const BANK_MS = 200;

const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null });

const worker = new Worker<Payment>(
  UNDERSTUDY_QUEUE,
  async (job) => {
    const { id, account, amountCents } = job.data;
    await sleep(BANK_MS);
    const booking = { job: id, node: UNDERSTUDY_NODE_ID, account, amountCents };
    await connection.xadd(UNDERSTUDY_EFFECTS, '*', ...Object.entries(booking).flat());
  },
  {
    connection,
    prefix: UNDERSTUDY_PREFIX,
    concurrency: 50,
    // BullMQ's defaults are 30 seconds each: with them the same thing happens, half a minute later.
    lockDuration: 1000,
    stalledInterval: 500,
  },
);

worker.on('error', (error) => console.error(error.message));
// A courtesy to the lab: it need not find out by itself when this worker is ready.
worker.on('ready', () => console.log('@understudy {"event":"ready"}'));

process.once('SIGTERM', () => {
  void worker.close().then(() => connection.quit());
});
