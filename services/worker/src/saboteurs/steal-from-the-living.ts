import type { Script } from '@understudy/redis';
import { changedScript } from './changed-script.ts';
import type { Saboteur } from './saboteur.ts';

/** R1: whoever recovers takes everybody else for dead, and their jobs away from them. */
export const stealFromTheLiving: Saboteur = {
  scripts: (own) => ({
    ...own,
    recover: takingEverybodyForDead(own.recover),
    stream: { ...own.stream, recover: takingEverybodyForDead(own.stream.recover) },
  }),
};

/** Both lanes ask absence.lua. */
function takingEverybodyForDead(recover: Script): Script {
  return changedScript(recover, /^ *isAbsent = subscribers/, 'isAbsent = true');
}
