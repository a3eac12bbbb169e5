import { loadScript, type Script } from '@understudy/redis';
import { behindAbsence } from '../absence.ts';

/** The scripts that may be others than the lane's own. */
export interface StreamScripts {
  readonly recover: Script;
  readonly claim: Script;
  readonly fetch: Script;
}

const lua = (name: string): URL => new URL(`./${name}.lua`, import.meta.url);
const groups = lua('groups');
const holders = lua('holders');

/** The lane's own scripts, one file each; what they take and return stands at their top. */
export const streamScripts = {
  acknowledge: loadScript(groups, lua('acknowledge')),
  addBelow: loadScript(lua('add-below')),
  backlog: loadScript(groups, lua('backlog')),
  claim: behindAbsence(groups, holders, lua('claim')),
  fetch: loadScript(groups, lua('fetch')),
  giveBack: loadScript(lua('give-back')),
  note: loadScript(lua('note')),
  park: loadScript(lua('park')),
  recover: behindAbsence(groups, holders, lua('recover')),
};
