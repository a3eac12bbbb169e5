import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  findExperiment,
  firstJobs,
  type Mode,
  readInput,
  type RequestedSettings,
  runExperiment,
  SHIPPED_INPUT,
} from 'understudy';
import { HELD, told } from './run-told.test-support.ts';
import { LENIENT } from './settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/**
 * Handlers so slow that the busiest account, whose jobs are done one after the other, is always behind:
 * of what this lane is through with in no time a fault would find nothing in flight.
 */
const SMALL = { ttlMs: 1000, lockDurationMs: 1500, rate: 200, handlerMs: 40 } as const;
/** Fifteen seconds of it; how it goes for a minute is seen on the other lane. */
const SHORT_STORM = 1200;

interface Case {
  readonly name: string;
  readonly mode: Mode;
  readonly jobs: number;
  readonly settings: Partial<RequestedSettings>;
}

/** Those that say most of a lane: takeover, a zombie, parking, unknown answers, a store that comes back. */
const cases: readonly Case[] = [
  { name: 'kill-leader', mode: 'active-passive', jobs: 600, settings: SMALL },
  { name: 'kill-leader', mode: 'active-active', jobs: 600, settings: SMALL },
  { name: 'pause-past-ttl', mode: 'active-passive', jobs: 600, settings: SMALL },
  { name: 'poison-job', mode: 'active-passive', jobs: 600, settings: SMALL },
  { name: 'lost-replies', mode: 'active-passive', jobs: 600, settings: SMALL },
  { name: 'redis-restart', mode: 'active-active', jobs: 600, settings: SMALL },
  { name: 'storm', mode: 'active-passive', jobs: SHORT_STORM, settings: {} },
];

describe('the stream lane holds what the bullmq lane holds, and order', () => {
  it.each(cases)('$name, $mode', { timeout: 120_000 }, async ({ name, mode, jobs, settings }) => {
    const experiment = findExperiment(name);
    if (!experiment) throw new TypeError(`there is no experiment ${name}`);
    const payments = firstJobs(await readInput(SHIPPED_INPUT), jobs);
    const { result } = await runExperiment({
      experiment,
      settings: { ...settings, ...LENIENT, lane: 'stream', mode, jobs: payments },
      root: ROOT,
    });
    expect(told(result)).toEqual(HELD);
    const order = result.checkers.find(({ checker }) => checker === 'order');
    if (mode === 'active-active') {
      expect(order?.verdict).toBe('not-applicable');
      return;
    }
    expect(order?.verdict).toBe('pass');
    // Each job but the first of its account could have been seen to come too early.
    expect(result.counts?.compared).toBeGreaterThan(jobs / 2);
  });
});
