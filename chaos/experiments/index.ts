import { calm } from './calm.ts';
import type { Experiment } from './experiment.ts';
import { failover } from './failover.ts';
import { killAny } from './kill-any.ts';
import { killLeader } from './kill-leader.ts';
import { lockBlips } from './lock-blips.ts';
import { lockMajorityDown } from './lock-majority-down.ts';
import { lockMinorityDown } from './lock-minority-down.ts';
import { pausePastTtl } from './pause-past-ttl.ts';
import { random } from './random.ts';
import { redisDropClients } from './redis-drop-clients.ts';
import { redisForgets } from './redis-forgets.ts';
import { redisOutOfMemory } from './redis-out-of-memory.ts';
import { redisRestart } from './redis-restart.ts';
import { redisScriptsForgotten } from './redis-scripts-forgotten.ts';
import { rollingStop } from './rolling-stop.ts';

export type { Experiment, ExperimentContext } from './experiment.ts';

/** Every experiment that comes with the lab, in the order of `understudy list`. */
export const experiments: readonly Experiment[] = [
  calm,
  killLeader,
  killAny,
  rollingStop,
  pausePastTtl,
  lockMinorityDown,
  lockMajorityDown,
  lockBlips,
  redisRestart,
  redisForgets,
  redisDropClients,
  redisScriptsForgotten,
  redisOutOfMemory,
  failover,
  random,
];

/** The experiment called `name`; undefined when there is none. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
