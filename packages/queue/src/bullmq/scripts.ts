import { loadScript, type Script } from '@understudy/redis';
import { behindAbsence } from '../absence.ts';

/** The script that may be another one than the lane's own. */
export interface LaneScripts {
  readonly recover: Script;
}

/** The lane's own scripts, one file each; what they take and return stands at their top. */
export const scripts = {
  backlog: loadScript(new URL('./backlog.lua', import.meta.url)),
  beginAlone: loadScript(new URL('./begin-alone.lua', import.meta.url)),
  oldestOutstanding: loadScript(new URL('./oldest-outstanding.lua', import.meta.url)),
  parkMalformed: loadScript(new URL('./park-malformed.lua', import.meta.url)),
  releaseLock: loadScript(new URL('./release-lock.lua', import.meta.url)),
  recover: behindAbsence(new URL('./recover.lua', import.meta.url)),
};
