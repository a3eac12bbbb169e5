import { fileURLToPath } from 'node:url';
import { invariant } from '@understudy/runtime';
import { afterEffects, type Moment, onceHealed, runExperiment, type Step } from 'understudy';
import { examplePayments } from '../../examples/generate-payments.ts';
import { quantile, type Row, spread } from './distribution.ts';
import type { Progress } from './takeover.ts';

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
export async function nodeEvidence(progress: Progress): Promise<Row> {
  const took: number[] = [];
  for (const [name, inject] of Object.entries(INJECT)) {
    const values = await injections(inject);
    progress(`node-evidence: ${name}, ${spread(values)}`);
    took.push(...values);
  }
  return {
    what: 'injection of a node fault to its evidence, while the fleet works',
    ours: spread(took),
    peer: 'none',
    ratio: '–',
    n: took.length,
    target: 'p95 ≤ 50 ms',
    held: quantile(took, 0.95) <= 50,
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
    root: fileURLToPath(new URL('../..', import.meta.url)),
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
