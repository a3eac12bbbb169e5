import { isRedisTarget, type FaultName } from '../schedule/step.ts';
import { clockSkew } from './clock-skew.ts';
import { crashAt } from './crash-at.ts';
import type { Fault } from './fault.ts';
import { bandwidth } from './bandwidth.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';
import { loseReplies } from './lose-replies.ts';
import { loseRequests } from './lose-requests.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { dropClients } from './redis/drop-clients.ts';
import { forgetScripts } from './redis/forget-scripts.ts';
import { kill as killRedis } from './redis/kill.ts';
import { outOfMemory } from './redis/out-of-memory.ts';
import { pause as pauseRedis } from './redis/pause.ts';
import { restart as restartRedis } from './redis/restart.ts';
import { stall } from './stall.ts';
import { reset } from './reset.ts';
import { stop } from './stop.ts';

/** A fault whose parameters only it knows: the form in which a plan uses it. */
export type AnyFault = Fault<unknown, 'node'> | Fault<unknown, 'link'> | Fault<unknown, 'redis'>;

/** Every fault. A name may stand for one on nodes and for another on Redis servers. */
export const faults: readonly AnyFault[] = [
  kill,
  stop,
  pause,
  stall,
  clockSkew,
  crashAt,
  partition,
  loseRequests,
  loseReplies,
  latency,
  bandwidth,
  reset,
  killRedis,
  restartRedis,
  pauseRedis,
  dropClients,
  forgetScripts,
  outOfMemory,
];

/** The names of all faults, for lists and for finding the nearest one. */
export const faultNames: readonly FaultName[] = [...new Set(faults.map(({ name }) => name))];

/** The fault called `name` that can act on `target`; undefined when there is none. */
export function findFault(name: string, target: string): AnyFault | undefined {
  const onRedis = isRedisTarget(target);
  return faults.find((fault) => fault.name === name && (fault.place === 'redis') === onRedis);
}
