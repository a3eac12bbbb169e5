import { loadScript } from '@understudy/redis';
import type { Saboteur } from './saboteur.ts';

/** L2, L8: a lease is said to be renewed and is not, so it runs out under a leader that is well. */
export const noRenewal: Saboteur = {
  scripts: (own) => ({
    ...own,
    extend: loadScript(new URL('./no-renewal.lua', import.meta.url)),
  }),
};
