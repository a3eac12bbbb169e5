import { loadScript, type Script } from '@understudy/redis';

/** The ledger's scripts, by what they are for. */
export interface LedgerScripts {
  readonly commit: Script;
  readonly lookup: Script;
  readonly mint: Script;
  readonly rotateKeys: Script;
  readonly forgetProducers: Script;
  readonly trimEffects: Script;
}

/** A script with what it is made of in front of it. */
const script = (...names: readonly string[]): Script =>
  loadScript(...names.map((name) => new URL(`./${name}.lua`, import.meta.url)));

/** The ledger's scripts, one file each; what they take and return stands at their top. */
export const ledgerScripts: LedgerScripts = {
  commit: script('kept-keys', 'sequences', 'commit'),
  lookup: script('kept-keys', 'sequences', 'lookup'),
  mint: script('mint'),
  rotateKeys: script('kept-keys', 'rotate-keys'),
  forgetProducers: script('kept-keys', 'sequences', 'forget-producers'),
  trimEffects: script('trim-effects'),
};
