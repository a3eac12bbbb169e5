import { calm } from './calm.ts';
import type { Experiment } from './experiment.ts';
import { failover } from './failover.ts';
import { killAny } from './kill-any.ts';
import { killLeader } from './kill-leader.ts';
import { pausePastTtl } from './pause-past-ttl.ts';
import { random } from './random.ts';
import { rollingStop } from './rolling-stop.ts';

export type { Experiment, ExperimentContext } from './experiment.ts';

/** Every experiment that comes with the lab, in the order of `understudy list`. */
export const experiments: readonly Experiment[] = [
  calm,
  killLeader,
  killAny,
  rollingStop,
  pausePastTtl,
  failover,
  random,
];

/** The experiment called `name`; undefined when there is none. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
