import { loadScript, type Script } from '@understudy/redis';
import { behindAbsence } from '../absence.ts';

/** The scripts that may be others than the lane's own. */
export interface StreamScripts {
  readonly recover: Script;
  readonly claim: Script;
  readonly fetch: Script;
}

const holders = new URL('./holders.lua', import.meta.url);

/** The lane's own scripts, one file each; what they take and return stands at their top. */
export const streamScripts = {
  acknowledge: loadScript(new URL('./acknowledge.lua', import.meta.url)),
  addBelow: loadScript(new URL('./add-below.lua', import.meta.url)),
  backlog: loadScript(new URL('./backlog.lua', import.meta.url)),
  claim: behindAbsence(holders, new URL('./claim.lua', import.meta.url)),
  fetch: loadScript(new URL('./fetch.lua', import.meta.url)),
  giveBack: loadScript(new URL('./give-back.lua', import.meta.url)),
  note: loadScript(new URL('./note.lua', import.meta.url)),
  park: loadScript(new URL('./park.lua', import.meta.url)),
  recover: behindAbsence(holders, new URL('./recover.lua', import.meta.url)),
};
