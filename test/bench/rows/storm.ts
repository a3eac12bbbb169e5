import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { invariant, systemTimers } from '@understudy/runtime';
import { findExperiment, type Mode, runExperiment, type RunResult } from 'understudy';
import { examplePayments } from '../../../examples/generate-payments.ts';
import { atLeast, atMost, type Context, type Measured, type Measurement } from '../measurement.ts';

const MINUTES = 10;
const QUICK_MINUTES = 1;
/** More than the 200 effects a second that are asked for, so that they come in spite of the faults. */
const JOBS_PER_SECOND = 250;
const LEAST_EFFECTS_PER_SECOND = 200;
const LEAST_OF_EACH_KIND = 5;
const MOST_GROWTH_MIB = 100;
const SAMPLE_MS = 10_000;
const SAY_EVERY_MS = 60_000;
const MIB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Ten minutes of everything, active-passive. */
export const stormPassive: Measurement = stormOf('active-passive');

/** Ten minutes of everything, active-active. */
export const stormActive: Measurement = stormOf('active-active');

function stormOf(mode: Mode): Measurement {
  return {
    name: `storm-${mode === 'active-passive' ? 'passive' : 'active'}`,
    what: `a storm of ${MINUTES} minutes, ${mode}`,
    byDefault: false,
    measure: (context) => storm(mode, context),
  };
}

async function storm(mode: Mode, { options, progress }: Context): Promise<Measured> {
  const experiment = findExperiment('storm');
  invariant(experiment, 'the storm is an experiment');
  const minutes = options.quick ? QUICK_MINUTES : MINUTES;
  const count = minutes * 60 * JOBS_PER_SECOND;
  const jobs = [...examplePayments(1, count)].map((payment) => ({ ...payment }));
  const beforeMib = heldMib();
  let mostMib = beforeMib;
  let lastSaidMs = 0;
  let effects = { count: 0, firstMs: 0, lastMs: 0 };
  progress(`storm ${mode}: the lab begins with ${beforeMib} MiB`);
  const sampling = systemTimers.every(SAMPLE_MS, () => {
    mostMib = Math.max(mostMib, heldMib());
  });
  const { result } = await runExperiment({
    experiment,
    // Twice what a lone leader needs at once, so that it catches up after a fault.
    settings: { mode, jobs, rate: JOBS_PER_SECOND, concurrency: 20 },
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    onEvent: (event) => {
      if (!('op' in event) || event.op !== 'effect') return;
      const firstMs = effects.count === 0 ? event.at : effects.firstMs;
      effects = { count: effects.count + 1, firstMs, lastMs: event.at };
      if (event.at - lastSaidMs < SAY_EVERY_MS) return;
      lastSaidMs = event.at;
      progress(`storm ${mode}: ${effects.count} of ${jobs.length} effects, ${mostMib} MiB held`);
    },
  }).finally(sampling);
  const perSecond = (1000 * effects.count) / (effects.lastMs - effects.firstMs);
  const landed = leastOfAKind(result);
  const grewMib = mostMib - beforeMib;
  progress(`storm ${mode}: ${result.status}, in ${result.directory}`);
  return {
    ours: `${verdictOf(result)}; ${perSecond.toFixed(0)} effects/s, each kind of fault at least ${landed} times, the lab grew by ${grewMib} MiB`,
    peers: [],
    n: result.jobs,
    required: [
      { text: 'pass', held: result.status === 'pass' },
      atLeast('effects', perSecond, LEAST_EFFECTS_PER_SECOND, 'a second'),
      atLeast('each kind of fault', landed, LEAST_OF_EACH_KIND, 'times'),
      atMost('the lab grows by', grewMib, MOST_GROWTH_MIB, 'MiB'),
    ],
    configuration: { mode, minutes, jobsPerSecond: JOBS_PER_SECOND },
    notes: [`kept in ${result.directory}`],
    values: { 'effects a second': [perSecond] },
  };
}

function verdictOf({ status, counts, checkers, faults }: RunResult): string {
  const fencing = checkers.find(({ checker }) => checker === 'fencing');
  const violations = Object.values(fencing?.totals ?? {}).reduce((sum, n) => sum + n, 0);
  return `${status}, ${counts?.lost ?? '?'} lost, ${counts?.duplicated ?? '?'} duplicated, ${violations} fencing violations, ${faults.length} faults`;
}

/** How often the kind of fault that landed least did. A kill of a node and one of Redis are two. */
function leastOfAKind({ faults }: RunResult): number {
  const times = new Map<string, number>();
  for (const { fault, requested, landed } of faults) {
    const kind = `${fault} ${/^(data|lock-)/.test(requested) ? 'redis' : 'node'}`;
    times.set(kind, (times.get(kind) ?? 0) + (landed ? 1 : 0));
  }
  return Math.min(...times.values());
}

/** What the lab holds on to. What it has let go, Node.js collects when it sees fit. */
function heldMib(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / MIB);
}
