import { loadScript } from '@understudy/redis';

/** The ledger's scripts, one file each; what they take and return stands at their top. */
export const scripts = {
  commit: loadScript(new URL('./commit.lua', import.meta.url)),
  lookup: loadScript(new URL('./lookup.lua', import.meta.url)),
  mint: loadScript(new URL('./mint.lua', import.meta.url)),
  rotateKeys: loadScript(new URL('./rotate-keys.lua', import.meta.url)),
};
