import type { OperationBody } from '@understudy/history';
import { ManualTime } from '@understudy/runtime';
import { beforeEach, expect, test } from 'vitest';
import type { Nemesis } from '../schedule/nemesis.ts';
import { Progress } from './progress.ts';
import { completeSettings } from './settings.ts';
import { settle } from './settle.ts';

const jobs = [{ id: 'a', account: 'x', amountCents: 1 }];
const settings = completeSettings({
  mode: 'active-passive',
  jobs,
  ttlMs: 2000,
  lockDurationMs: 3000,
  livenessBoundMs: 10_000,
});

let time: ManualTime;
let progress: Progress;
let outstanding: number | undefined;
let parked: string[];
let gaveUpMs: number | undefined;
let over: boolean;
const told: string[] = [];

beforeEach(() => {
  time = new ManualTime();
  progress = new Progress(time);
  outstanding = 1;
  parked = [];
  gaveUpMs = undefined;
  over = false;
  observe({ op: 'enqueue', type: 'ok', process: 'producer-1', job: 'a' });
});

const observe = (body: OperationBody): void => progress.observe({ seq: 1, at: 0, ...body });
const effect = (): void =>
  observe({
    op: 'effect',
    type: 'ok',
    process: 'ledger',
    job: 'a',
    node: 'node-1',
    position: 1,
    id: '1-0',
    source: 'live',
  });

function start(faults: Partial<Nemesis> = {}): void {
  const nemesis = {
    done: Promise.resolve(),
    inForce: 0,
    giveUp: () => (gaveUpMs ??= time.monotonicMs()),
    ...faults,
  } as Nemesis;
  const queue = {
    outstanding: () => Promise.resolve(outstanding),
    parked: () => Promise.resolve(parked),
  };
  const tell = (detail: string): void => void told.push(detail);
  const { signal } = new AbortController();
  const around = { settings, progress, nemesis, queue, tell, signal, clock: time, timers: time };
  void settle(around).then(() => (over = true));
}

/** Lets time pass in the steps in which settling looks. */
async function pass(forMs: number): Promise<void> {
  for (let ms = 0; ms < forMs; ms += 50) {
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    time.advance(50);
  }
  await new Promise((resolve) => setImmediate(resolve));
}

test('a run goes on until the queue is empty and every accepted job took effect', async () => {
  start();
  await pass(200);
  effect();
  await pass(200);
  expect(over).toBe(false);
  outstanding = 0;
  await pass(100);
  expect(over).toBe(true);
});

test('an empty queue is not the end while an accepted job has no effect', async () => {
  outstanding = 0;
  start();
  await pass(500);
  expect(over).toBe(false);
  effect();
  await pass(100);
  expect(over).toBe(true);
});

test('a queue that nobody can look into is worked off when every accepted job took effect', async () => {
  outstanding = undefined;
  start();
  await pass(500);
  expect(over).toBe(false);
  effect();
  await pass(100);
  expect(over).toBe(true);
});

test('a job among the failed is waited for no longer, told or not', async () => {
  outstanding = 0;
  parked = ['a'];
  start();
  await pass(100);
  expect(over).toBe(true);
});

test('a job that never takes effect is waited for as long as the bound says, and no longer', async () => {
  start();
  await pass(9900);
  expect(over).toBe(false);
  await pass(300);
  expect(gaveUpMs).toBeGreaterThanOrEqual(10_000);
  expect(over).toBe(true);
});

test('the bound does not run out while a fault is in force', async () => {
  const force = { inForce: 1 };
  start(force);
  await pass(15_000);
  expect(gaveUpMs).toBeUndefined();
});

test('a zombie gets TTL, lock duration and latency from its waking to do harm', async () => {
  outstanding = 0;
  effect();
  await pass(1000);
  start({ lastWakeMs: 1000, lastHealMs: 1200 });
  await pass(5400);
  expect(over).toBe(false);
  await pass(200);
  expect(over).toBe(true);
  expect(told.at(-1)).toMatch(/^waiting 5\.5 s, so that a process that was paused can do harm/);
});

test('the time that the lab itself stood still is added to the bound', async () => {
  start();
  observe({ op: 'stall', type: 'info', process: 'lab', durationMs: 1000 });
  await pass(10_900);
  expect(over).toBe(false);
  await pass(300);
  expect(over).toBe(true);
});
