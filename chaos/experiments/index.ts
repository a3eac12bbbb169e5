import { calm } from './calm.ts';
import { clockJump } from './clock-jump.ts';
import { crashPoints } from './crash-points.ts';
import type { Experiment } from './experiment.ts';
import { failover } from './failover.ts';
import { flappingLink } from './flapping-link.ts';
import { killAny } from './kill-any.ts';
import { killLeader } from './kill-leader.ts';
import { lateMint } from './late-mint.ts';
import { leaderCutFromLedger } from './leader-cut-from-ledger.ts';
import { lockBlips } from './lock-blips.ts';
import { lockMajorityDown } from './lock-majority-down.ts';
import { lockMinorityDown } from './lock-minority-down.ts';
import { lostReplies } from './lost-replies.ts';
import { partitionLeader } from './partition-leader.ts';
import { pausePastTtl } from './pause-past-ttl.ts';
import { poisonJob } from './poison-job.ts';
import { random } from './random.ts';
import { redisDropClients } from './redis-drop-clients.ts';
import { redisForgets } from './redis-forgets.ts';
import { redisOutOfMemory } from './redis-out-of-memory.ts';
import { redisRestart } from './redis-restart.ts';
import { redisScriptsForgotten } from './redis-scripts-forgotten.ts';
import { rollingStop } from './rolling-stop.ts';
import { slowLink } from './slow-link.ts';
import { stallEventLoop } from './stall-event-loop.ts';
import { storm } from './storm.ts';
import { thunderingTakeover } from './thundering-takeover.ts';

export type { Experiment, ExperimentContext } from './experiment.ts';

/** Every experiment that comes with the lab, in the order of `understudy list`. */
export const experiments: readonly Experiment[] = [
  calm,
  killLeader,
  killAny,
  rollingStop,
  pausePastTtl,
  stallEventLoop,
  clockJump,
  thunderingTakeover,
  poisonJob,
  partitionLeader,
  leaderCutFromLedger,
  lateMint,
  lostReplies,
  slowLink,
  flappingLink,
  lockMinorityDown,
  lockMajorityDown,
  lockBlips,
  redisRestart,
  redisForgets,
  redisDropClients,
  redisScriptsForgotten,
  redisOutOfMemory,
  ...crashPoints,
  failover,
  random,
  storm,
];

/**
 * The experiments that `name` stands for: the one called so, or all parts of one that is made of
 * several (`crash-points` has `crash-points/after-fetch` and others). Empty when there is none.
 */
export function experimentsNamed(name: string): readonly Experiment[] {
  const one = findExperiment(name);
  if (one) return [one];
  return experiments.filter((experiment) => experiment.name.startsWith(`${name}/`));
}

/** The names that may be asked for, those of experiments of several parts among them. */
export function experimentNames(): readonly string[] {
  const names = experiments.map(({ name }) => name);
  return [...new Set(names.flatMap((name) => [name.split('/')[0] ?? name, name]))];
}

/** The experiment called `name`; undefined when there is none. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
