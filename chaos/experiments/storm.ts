import type { Mode } from '@understudy/history';
import type { Prng } from '@understudy/runtime';
import { type RandomFault, randomSchedule } from '../schedule/random.ts';
import type { NodeTarget, RedisTarget } from '../schedule/step.ts';
import type { Experiment } from './experiment.ts';

/** One fault in so many milliseconds: most are over when the next comes, some are not. */
const MS_PER_FAULT = 4000;
/** The fleet is up and working by then, and after the last fault there is work left. */
const FIRST_SHARE = 0.03;
const LAST_SHARE = 0.9;
const WITHOUT_RATE_STEPS = 10;

const LOCKS: readonly RedisTarget[] = ['lock-1', 'lock-2', 'lock-3'];

/** Everything there is, as the seed has it. */
export const storm: Experiment = {
  name: 'storm',
  shows:
    'every fault there is, on nodes, links and Redis servers, as the seed has it, one after another and at times two at once',
  expects: 'every job takes effect exactly once, and the fleet is itself again after each',
  // At this rate the shipped payments last a minute, and each takes so long that there is always
  // one under way for a fault to meet. What the store acknowledged it must keep.
  settings: { rate: 80, handlerMs: 25, persistence: 'always' },
  schedule: ({ mode, jobs, rate, ttlMs, prng }) => {
    const menu = menuOf(mode, ttlMs);
    const at = (share: number, of: number): number => Math.max(1, Math.round(of * share));
    if (rate === 'max') {
      const within = { fromEffects: at(FIRST_SHARE, jobs), untilEffects: at(LAST_SHARE, jobs) };
      return randomSchedule(prng, { steps: WITHOUT_RATE_STEPS, within, menu });
    }
    const flowMs = (jobs / rate) * 1000;
    const steps = Math.max(1, Math.floor((flowMs * (LAST_SHARE - FIRST_SHARE)) / MS_PER_FAULT));
    return randomSchedule(prng, {
      steps,
      within: { fromMs: at(FIRST_SHARE, flowMs), untilMs: at(LAST_SHARE, flowMs) },
      menu,
      atLeastEach: Math.floor(steps / menu.length),
      spread: 'even',
    });
  },
};

function menuOf(mode: Mode, ttlMs: number): readonly RandomFault[] {
  const led = mode === 'active-passive';
  return [
    ...nodeFaults(led ? ['leader', 'standby', 'any'] : ['leader', 'any'], ttlMs),
    ...crashes(),
    ...linkFaults(led, ttlMs),
    ...dataFaults(),
    ...(led ? lockFaults() : []),
  ];
}

function nodeFaults(targets: readonly NodeTarget[], ttlMs: number): RandomFault[] {
  const pastTtl = (prng: Prng): number => prng.integer(200, ttlMs + 1500);
  const restarts = (prng: Prng): object => ({ restartAfter: prng.integer(200, 1500) });
  return [
    { fault: 'kill', targets, parameters: (prng) => ({ ...restarts(prng) }) },
    { fault: 'stop', targets, parameters: (prng) => ({ ...restarts(prng) }) },
    { fault: 'pause', targets, parameters: (prng) => ({ for: pastTtl(prng) }) },
    { fault: 'stall', targets, parameters: (prng) => ({ for: pastTtl(prng) }) },
    {
      fault: 'clock-skew',
      targets,
      parameters: (prng) => ({
        by: `${prng.pick(['', '-'])}${prng.integer(1, 120)}s`,
        every: prng.pick([0, 500]),
        for: prng.integer(500, 3000),
      }),
    },
  ];
}

/** At failpoints that a node which works passes with every job. */
function crashes(): RandomFault[] {
  const failpoints = ['after-fetch', 'before-commit', 'after-commit', 'after-ack'];
  return [
    {
      fault: 'crash-at',
      targets: ['leader'],
      parameters: (prng) => ({
        failpoint: prng.pick(failpoints),
        passing: prng.integer(1, 20),
        restartAfter: prng.integer(200, 1500),
      }),
    },
  ];
}

function linkFaults(led: boolean, ttlMs: number): RandomFault[] {
  const targets = ['leader', 'any'] as const;
  const redis = (prng: Prng): string =>
    prng.pick(led ? ['all', 'data', 'locks', 'lock-2'] : ['all']);
  const briefly = (prng: Prng): object => ({ for: prng.integer(50, 400) });
  return [
    {
      fault: 'partition',
      targets: ['leader'],
      parameters: (prng) => ({
        for: prng.integer(200, ttlMs + 1500),
        redis: redis(prng),
        direction: prng.pick(['both', 'to-redis', 'from-redis']),
      }),
    },
    { fault: 'lose-requests', targets: ['leader'], parameters: (prng) => ({ ...briefly(prng) }) },
    { fault: 'lose-replies', targets: ['leader'], parameters: (prng) => ({ ...briefly(prng) }) },
    {
      fault: 'latency',
      targets,
      parameters: (prng) => ({
        for: prng.integer(500, 3000),
        delay: prng.integer(5, 50),
        jitter: prng.integer(0, 20),
      }),
    },
    {
      fault: 'bandwidth',
      targets: ['leader'],
      parameters: (prng) => ({
        for: prng.integer(500, 2000),
        bytesPerSecond: prng.integer(50_000, 500_000),
      }),
    },
    { fault: 'reset', targets, parameters: (prng) => ({ redis: redis(prng) }) },
  ];
}

function dataFaults(): RandomFault[] {
  const targets = ['data'] as const;
  const restarts = (prng: Prng): object => ({ restartAfter: prng.integer(100, 800) });
  const lasts = (prng: Prng): object => ({ for: prng.integer(100, 1200) });
  return [
    { fault: 'restart', targets, parameters: (prng) => ({ ...restarts(prng) }) },
    { fault: 'kill', targets, parameters: (prng) => ({ ...restarts(prng) }) },
    { fault: 'pause', targets, parameters: (prng) => ({ ...lasts(prng) }) },
    { fault: 'drop-clients', targets },
    { fault: 'forget-scripts', targets },
    { fault: 'out-of-memory', targets, parameters: (prng) => ({ ...lasts(prng) }) },
  ];
}

function lockFaults(): RandomFault[] {
  return (['kill', 'pause', 'restart'] as const).map((fault) => ({
    fault,
    targets: LOCKS,
    parameters: (prng) =>
      fault === 'pause'
        ? { for: prng.integer(100, 2000) }
        : { restartAfter: prng.integer(100, 1500) },
  }));
}
