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

/** How fast a standby is when it takes over does not matter here: it need not rehearse. */
const SMALL = {
  ...{ ttlMs: 1000, lockDurationMs: 1500 },
  environment: { UNDERSTUDY_REHEARSAL: 'off' },
} as const;
const JOBS = 600;

const RATE = 200;
const SLOW_RATE = 80;

/**
 * Most go by the share of the jobs that is done. Where faults come by the clock, one after the other, or when
 * hardly any work is left, it must last: beside other fleets the lab itself may stand still for a second.
 */
const rateFor = ({ name }: Experiment): number =>
  /^(crash-points\/.*|failover|flapping-link|lock-blips|redis-(scripts-forgotten|drop-clients))$/.test(
    name,
  )
    ? SLOW_RATE
    : RATE;

const SHIPPED = fileURLToPath(new URL('../../examples/payments.ndjson', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The storm is what it is for as long as it lasts: a minute, all that comes with the repository. */
const isStorm = ({ name }: Experiment): boolean => name === 'storm';

/** By which the mode of an experiment is chosen, where it may be either: see vitest.config.ts. */
const SEED = Number(process.env.TEST_SEED);
/** With `UNDERSTUDY_EVERY_MODE=1` each experiment runs in every mode that it is for. */
const everyMode = process.env.UNDERSTUDY_EVERY_MODE === '1';

/**
 * Whether `experiment` runs in `mode` this time. Of two modes an even seed takes one for every other
 * experiment and the other for the rest, an odd seed the other way round. The storm, in which there is
 * something of each, runs in both.
 */
function isChosen(experiment: Experiment, mode: Mode, index: number): boolean {
  const { modes = ['active-passive', 'active-active'] } = experiment;
  if (!modes.includes(mode)) return false;
  if (modes.length === 1 || everyMode || isStorm(experiment)) return true;
  return modes.indexOf(mode) === (SEED + index) % 2;
}

/** Runs shipped experiments in `mode`: a test each. A file a mode, so that both run at a time. */
export function describeExperiments(mode: Mode): void {
  const inMode = experiments.filter((experiment, i) => isChosen(experiment, mode, i));
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
                ...{ ...SMALL, ...LENIENT, mode },
                ...{ jobs: firstJobs(payments, JOBS), rate: rateFor(experiment) },
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
