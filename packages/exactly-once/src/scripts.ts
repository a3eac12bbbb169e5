import { loadScript, type Script } from '@understudy/redis';

/** The ledger's scripts, by what they are for. */
export interface LedgerScripts {
  readonly commit: Script;
  readonly lookup: Script;
  readonly mint: Script;
  readonly rotateKeys: Script;
  readonly trimEffects: Script;
}

/** The ledger's scripts, one file each; what they take and return stands at their top. */
export const ledgerScripts: LedgerScripts = {
  commit: loadScript(new URL('./commit.lua', import.meta.url)),
  lookup: loadScript(new URL('./lookup.lua', import.meta.url)),
  mint: loadScript(new URL('./mint.lua', import.meta.url)),
  rotateKeys: loadScript(new URL('./rotate-keys.lua', import.meta.url)),
  trimEffects: loadScript(new URL('./trim-effects.lua', import.meta.url)),
};
