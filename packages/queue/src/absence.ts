import { type GroupKeys, loadScript, type Script } from '@understudy/redis';
import { incarnationKeys } from './incarnation-keys.ts';

/** How often everything in flight is looked at, though nobody may be newly absent, in ms. */
export const SWEEP_EVERY_MS = 250;
/** For how long a newly absent incarnation is looked after at every call, in ms: late fetches. */
const URGENT_MS = 1000;
/** After how long an absent incarnation is forgotten, in ms. */
const FORGET_MS = 60_000;

/** The scripts in the files at `urls` as one, behind absence.lua, which tells it who is absent. */
export function behindAbsence(...urls: readonly URL[]): Script {
  return loadScript(new URL('./absence.lua', import.meta.url), ...urls);
}

/** What absence.lua takes: the first keys and arguments of a script that stands behind it. */
export function absenceCall(group: GroupKeys, incarnation: string, graceMs: number) {
  const { registered, absent, server, due } = incarnationKeys(group);
  return {
    keys: [registered, absent, server, due],
    args: [
      ...[group.presenceOf(''), group.heartbeatOf(''), incarnation],
      ...[graceMs, URGENT_MS, FORGET_MS],
    ],
  };
}
