import { loadScript } from '@understudy/redis';
import type { Saboteur } from './saboteur.ts';

/** L3: every mint counts up, however late it comes and whoever leads by then. */
export const plainIncrementMint: Saboteur = {
  scripts: (own) => ({
    ...own,
    mint: loadScript(new URL('./plain-increment-mint.lua', import.meta.url)),
  }),
};
