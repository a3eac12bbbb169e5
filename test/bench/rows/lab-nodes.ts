import { fileURLToPath } from 'node:url';
import { invariant } from '@understudy/runtime';
import { afterEffects, type Moment, onceHealed, runExperiment, type Step } from 'understudy';
import { examplePayments } from '../../../examples/generate-payments.ts';
import { quantile, spread } from '../distribution.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';

const INJECTIONS_A_FAULT = 20;
const JOBS_PER_SECOND = 200;
/** More than enough for all injections: what matters is that work is left at the last. */
const JOBS = 40_000;
const BRIEFLY = { for: '100ms' } as const;
const SOON = { restartAfter: '50ms' } as const;

/** `stop` is not among them: its evidence is the end of the process, which drains first. */
const INJECT: Record<string, (moment: Moment) => Step> = {
  kill: (moment) => moment.kill('any', SOON),
  pause: (moment) => moment.pause('any', BRIEFLY),
  stall: (moment) => moment.stall('any', BRIEFLY),
  'clock-skew': (moment) => moment.clockSkew('any', { ...BRIEFLY, by: '10s' }),
};

/** From the injection of a fault on a node that works to the evidence that it landed. */
export const labNodes: Measurement = {
  name: 'lab-nodes',
  what: 'injection of a node fault → its evidence, while the fleet works',
  byDefault: false,
  measure,
};

async function measure({ progress }: Context): Promise<Measured> {
  const took: Record<string, number[]> = {};
  for (const [name, inject] of Object.entries(INJECT)) {
    const values = await injections(inject);
    progress(`lab-nodes: ${name}, ${spread(values)}`);
    took[`${name}, ms`] = values;
  }
  const all = Object.values(took).flat();
  return {
    ours: spread(all),
    peers: [],
    n: all.length,
    required: [atMost('p95', quantile(all, 0.95), 50, 'ms')],
    configuration: { jobsPerSecond: JOBS_PER_SECOND, injectionsAFault: INJECTIONS_A_FAULT },
    values: took,
  };
}

async function injections(inject: (moment: Moment) => Step): Promise<number[]> {
  const enough = new AbortController();
  const at = new Map<string, { injectMs?: number; landedMs?: number }>();
  await runExperiment({
    experiment: {
      name: 'node-evidence',
      shows: 'one fault after another',
      expects: 'evidence, soon',
      schedule: () =>
        Array.from({ length: INJECTIONS_A_FAULT }, (_, i) =>
          inject(i === 0 ? afterEffects(50) : onceHealed('20ms')),
        ),
    },
    settings: {
      mode: 'active-active',
      jobs: [...examplePayments(1, JOBS)].map((payment) => ({ ...payment })),
      rate: JOBS_PER_SECOND,
    },
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    signal: enough.signal,
    onEvent: (event) => {
      if (!('op' in event) || event.op !== 'fault') return;
      const known = at.get(event.id) ?? {};
      if (event.phase === 'inject') at.set(event.id, { ...known, injectMs: event.at });
      if (event.phase === 'landed') at.set(event.id, { ...known, landedMs: event.at });
      if (event.phase === 'healed' && at.size === INJECTIONS_A_FAULT) enough.abort();
    },
  });
  return [...at].map(([id, { injectMs, landedMs }]) => {
    invariant(injectMs !== undefined && landedMs !== undefined, `${id} landed`);
    return landedMs - injectMs;
  });
}
