// The worker beside this file, with its processor wrapped: the booking is staged, and committed once.
// With UNDERSTUDY_MODE=active-passive it works only while this process leads.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  exactlyOnce,
  leadership,
  printEvents,
  type SafeContext,
  whenLeader,
} from '@understudy/bullmq';
import { type Job, Worker } from 'bullmq';

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

const {
  REDIS_URL = 'redis://127.0.0.1:6379',
  LOCK_REDIS_URLS = REDIS_URL,
  UNDERSTUDY_MODE = 'active-active',
  UNDERSTUDY_QUEUE = 'payments',
  UNDERSTUDY_PREFIX = 'bull',
  UNDERSTUDY_GROUP = 'payments',
  UNDERSTUDY_NODE_ID = 'node-1',
  UNDERSTUDY_INCARNATION,
  UNDERSTUDY_TTL_MS = '2000',
} = process.env;

/** How long the bank takes to answer. */
const BANK_MS = 200;

/** The processor of worker.ts; instead of writing the booking, it stages it. */
async function book(job: Job<Payment>, { credit }: SafeContext): Promise<void> {
  const { account, amountCents } = job.data;
  await sleep(BANK_MS);
  credit(account, amountCents);
}

const group = {
  redisUrl: REDIS_URL,
  group: UNDERSTUDY_GROUP,
  nodeId: UNDERSTUDY_NODE_ID,
  incarnation: UNDERSTUDY_INCARNATION,
  onEvent: printEvents(),
};
const { hostname: host, port } = new URL(REDIS_URL);
const options = {
  connection: { host, port: Number(port) },
  prefix: UNDERSTUDY_PREFIX,
  concurrency: 50,
  lockDuration: 1000,
  stalledInterval: 500,
  // A stall must not fail a job: its effect commits once, however often it is delivered.
  maxStalledCount: 1000,
};

function activePassive(): () => Promise<void> {
  const lockRedisUrls = LOCK_REDIS_URLS.split(',');
  const leader = leadership({ ...group, lockRedisUrls, ttlMs: Number(UNDERSTUDY_TTL_MS) });
  const processor = exactlyOnce(book, { leader });
  const worker = new Worker(UNDERSTUDY_QUEUE, processor, { ...options, autorun: false });
  worker.on('error', (error) => console.error(error.message));
  const led = whenLeader(worker, leader);
  return () => led.stop();
}

function activeActive(): () => Promise<void> {
  const processor = exactlyOnce(book, group);
  const worker = new Worker(UNDERSTUDY_QUEUE, processor, options);
  worker.on('error', (error) => console.error(error.message));
  return async () => {
    await worker.close();
    await processor.close();
  };
}

const stop = UNDERSTUDY_MODE === 'active-passive' ? activePassive() : activeActive();
process.once('SIGTERM', () => void stop());
