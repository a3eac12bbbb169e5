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

/** Two nodes do where an experiment does not say how many. */
const SMALL = { nodes: 2, ttlMs: 1000, lockDurationMs: 1500, rate: 200 } as const;
const JOBS = 600;

/** Most go by the share of the jobs that is done; whose faults come by the clock needs work until then. */
const jobsFor = ({ name }: Experiment): number => (name === 'flapping-link' ? 2 * JOBS : JOBS);

const SHIPPED = fileURLToPath(new URL('../../examples/payments.ndjson', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The storm is what it is for as long as it lasts: a minute, all that comes with the repository. */
const isStorm = ({ name }: Experiment): boolean => name === 'storm';

/** Runs every shipped experiment that is for `mode`: a test each. A file a mode, so that both run at a time. */
export function describeExperiments(mode: Mode): void {
  const inMode = experiments.filter(({ modes }) => modes?.includes(mode) ?? true);
  describe(`each experiment behaves as its description says, ${mode}`, () => {
    it.each(inMode.map((experiment) => [experiment.name, experiment] as const))(
      '%s',
      { timeout: 180_000 },
      async (_, experiment) => {
        const payments = await readInput(SHIPPED);
        const { result } = await runExperiment({
          experiment,
          settings: isStorm(experiment)
            ? { ...LENIENT, mode, jobs: payments }
            : {
                ...{ ...SMALL, ...experiment.settings, ...LENIENT, mode },
                jobs: firstJobs(payments, jobsFor(experiment)),
              },
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
      },
    );
  });
}
