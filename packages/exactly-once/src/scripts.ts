import { loadScript, type Script, scriptOf } from '@understudy/redis';

/** The ledger's scripts, by what they are for. */
export interface LedgerScripts {
  readonly commit: Script;
  readonly lookup: Script;
  readonly mint: Script;
  readonly rotateKeys: Script;
  readonly forgetProducers: Script;
  readonly trimEffects: Script;
}

const read = (name: string): string => loadScript(new URL(`./${name}.lua`, import.meta.url)).text;

/** A script with what it is made of in front of it. */
const script = (...names: readonly string[]): Script => scriptOf(names.map(read).join('\n'));

/** The ledger's scripts, one file each; what they take and return stands at their top. */
export const ledgerScripts: LedgerScripts = {
  commit: script('kept-keys', 'sequences', 'commit'),
  lookup: script('kept-keys', 'sequences', 'lookup'),
  mint: script('mint'),
  rotateKeys: script('kept-keys', 'rotate-keys'),
  forgetProducers: script('kept-keys', 'sequences', 'forget-producers'),
  trimEffects: script('trim-effects'),
};
