import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type Experiment,
  experiments,
  firstJobs,
  type Mode,
  readInput,
  runExperiment,
} from 'understudy';
import { HELD, told } from './run-told.test-support.ts';
import { LENIENT } from './settings.ts';

const SMALL = { ttlMs: 1000, lockDurationMs: 1500, rate: 200 } as const;
const JOBS = 600;

/** Most go by the share of the jobs that is done; whose faults come by the clock needs work until then. */
const jobsFor = ({ name }: Experiment): number => (name === 'flapping-link' ? 2 * JOBS : JOBS);

const SHIPPED = fileURLToPath(new URL('../../examples/payments.ndjson', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODES: readonly Mode[] = ['active-passive', 'active-active'];

const cases = experiments.flatMap((experiment) =>
  MODES.filter((mode) => experiment.modes?.includes(mode) ?? true).map(
    (mode) => [experiment.name, mode, experiment] as const,
  ),
);

/** The storm is what it is for as long as it lasts: a minute, all that comes with the repository. */
const isStorm = ({ name }: Experiment): boolean => name === 'storm';

describe.concurrent('each experiment behaves as its description says', () => {
  it.each(cases)('%s, %s', { timeout: 180_000 }, async (_, mode, experiment) => {
    const payments = await readInput(SHIPPED);
    const { result } = await runExperiment({
      experiment,
      settings: isStorm(experiment)
        ? { ...LENIENT, mode, jobs: payments }
        : { ...SMALL, ...LENIENT, mode, jobs: firstJobs(payments, jobsFor(experiment)) },
      root: ROOT,
    });
    if (experiment.mustRefute === undefined) {
      expect(told(result)).toEqual(HELD);
      return;
    }
    // What else is in doubt after that is no matter.
    expect(told(result)).toMatchObject({ status: 'fail', notLanded: [] });
    const kinds = result.checkers.flatMap(({ totals }) => Object.keys(totals));
    expect(kinds).toContainEqual(expect.stringContaining(experiment.mustRefute));
  });
});
