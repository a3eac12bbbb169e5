// A redlock lock as its documentation has it: tried for every 50 ms, extended within its TTL, and over
// for the others only when that has passed.
import process from 'node:process';
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import Redlock, { type Lock } from 'redlock';
import { PER_SECOND } from './peer-stage.ts';

const TTL_MS = 2000;
const POLL_MS = 50;
const EXTEND_MS = TTL_MS / 3;
const RESOURCE = ['{bench}:lease'];
const asItIs = (script: string): string => script;

const redis = new Redis(process.env.REDIS_URL ?? '');
const nodes = (process.env.LOCK_REDIS_URLS ?? '').split(',').map((url) => new Redis(url));
await Promise.all([redis, ...nodes].map((each) => each.ping()));
const redlock = new Redlock(
  nodes,
  { retryCount: 0 },
  { acquireScript: asItIs, extendScript: asItIs, releaseScript: asItIs },
);
redlock.on('error', () => undefined);
process.stdout.write('ready\n');

let lock: Lock | undefined;
while (!lock) {
  lock = await redlock.acquire(RESOURCE, TTL_MS).catch(() => undefined);
  if (!lock) await sleep(systemTimers, POLL_MS);
}
let extendedMs = systemClock.monotonicMs();
for (;;) {
  if (systemClock.monotonicMs() - extendedMs > EXTEND_MS) {
    lock = await redlock.extend(lock, TTL_MS);
    extendedMs = systemClock.monotonicMs();
  }
  await redis.xadd('{bench}:effects', 'MAXLEN', '~', 1000, '*', 'job', 'b');
  process.stdout.write('effect\n');
  await sleep(systemTimers, 1000 / PER_SECOND);
}
