import { changedScript } from './changed-script.ts';
import type { Saboteur } from './saboteur.ts';

/** R1: whoever recovers takes everybody else for dead, and their jobs away from them. */
export const stealFromTheLiving: Saboteur = {
  scripts: (own) => ({
    ...own,
    recover: changedScript(own.recover, /^ *isAbsent = subscribers/, 'isAbsent = true'),
  }),
};
