import { cpus } from 'node:os';
import process from 'node:process';
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { startChild } from '../children.ts';
import { Fleet, LEASE } from '../fleet/fleet.ts';
import { openFeed, paymentOf } from '../fleet/lane.ts';
import type { Context, Measured, Measurement } from '../measurement.ts';
import { describeStalls, startTimerProbe } from '../timer-probe.ts';

const NODES = 3;
const SAY_EVERY_MS = 60_000;
/** The aim is none at a time-out that finds paused leaders within 150 ms. */
const AIMED_TIMEOUT_MS = 150;
/** Enough that the leader always has more to do. */
const BACKLOG = 2000;
/** In ten minutes fewer jobs than the ledger keeps keys by default: beyond it refuses. */
const MOST_PER_SECOND = 7000;
const LOOK_MS = 50;

/** Ten minutes of a fleet with nothing to do. */
export const falseTakeoversIdle: Measurement = {
  name: 'false-takeovers-idle',
  what: 'takeovers of a fleet that nobody harms: idle',
  byDefault: true,
  measure: (context) => measure(context, false),
};

/** Ten minutes of a fleet that works as fast as it can, on a machine whose cores are all busy. */
export const falseTakeoversLoaded: Measurement = {
  name: 'false-takeovers-loaded',
  what: 'takeovers of a fleet that nobody harms: at its maximal rate, all cores busy',
  byDefault: true,
  measure: (context) => measure(context, true),
};

async function measure({ options, progress }: Context, loaded: boolean): Promise<Measured> {
  using probe = startTimerProbe();
  await using fleet = await Fleet.start({ mode: 'active-passive', nodes: NODES });
  const before = fleet.terms;
  const over = new AbortController();
  using _load = loaded ? busyCores() : { [Symbol.dispose]: () => undefined };
  let effects = 0;
  const stopCounting = fleet.onEffect(() => (effects += 1));
  const work = loaded ? keepBusy(fleet, over.signal) : Promise.resolve();
  const untilMs = systemClock.monotonicMs() + options.minutes * 60_000;
  while (systemClock.monotonicMs() < untilMs) {
    await sleep(systemTimers, Math.min(SAY_EVERY_MS, untilMs - systemClock.monotonicMs()));
    progress(`false takeovers, ${loaded ? 'loaded' : 'idle'}: ${fleet.terms - before} so far`);
  }
  over.abort();
  await work;
  stopCounting();
  const seen = fleet.terms - before;
  const timeoutMs = await fleet.heartbeatTimeoutMs();
  return {
    ours: `${seen} in ${options.minutes} minutes`,
    peers: [],
    n: 1,
    required: [{ text: '0', held: seen === 0 }],
    aims: [
      {
        text: `0 at a time-out of ${AIMED_TIMEOUT_MS} ms`,
        held: seen === 0 && LEASE.silenceMs <= AIMED_TIMEOUT_MS,
      },
    ],
    configuration: {
      ...{ nodes: NODES, lane: 'bullmq', minutes: options.minutes },
      ...{ ttlMs: LEASE.ttlMs, heartbeatMs: LEASE.heartbeatMs },
      heartbeatTimeoutMs: LEASE.silenceMs,
      busyProcesses: loaded ? cpus().length : 0,
    },
    notes: [
      describeStalls(await probe.read()),
      `heartbeat time-out in force at the end: ${Math.round(timeoutMs)} ms`,
      ...(loaded ? [`${Math.round(effects / (options.minutes * 60))} effects/s meanwhile`] : []),
    ],
    values: { 'false takeovers': [seen] },
  };
}

/** A process for each core that computes for ever. */
function busyCores(): Disposable {
  const children = cpus().map(() =>
    startChild(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
  );
  return { [Symbol.dispose]: () => children.forEach((child) => child.kill('SIGKILL')) };
}

/** Sees to it that there are always jobs waiting. */
async function keepBusy(fleet: Fleet, over: AbortSignal): Promise<void> {
  await using feed = openFeed('bullmq', fleet.servers.urlOf('data'), fleet.group);
  const startedMs = systemClock.monotonicMs();
  let enqueued = 0;
  let done = 0;
  const stop = fleet.onEffect(() => (done += 1));
  while (!over.aborted) {
    const allowed = ((systemClock.monotonicMs() - startedMs) * MOST_PER_SECOND) / 1000 + BACKLOG;
    const missing = Math.floor(Math.min(BACKLOG - (enqueued - done), allowed - enqueued));
    if (missing > 0) {
      await feed.add(Array.from({ length: missing }, (_, i) => paymentOf(enqueued + i)));
      enqueued += missing;
    }
    await sleep(systemTimers, LOOK_MS, over);
  }
  stop();
}
