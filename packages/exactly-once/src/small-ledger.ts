import type { GroupKeys } from '@understudy/redis';

/**
 * Every name under which a group's ledger keeps something, as long as it holds up to sixty keys, no
 * generation of them was closed, and no producer counts its jobs. For who used a group for a moment and
 * clears it away.
 */
export function smallLedgerKeys({ effects, epoch, balances, dedup }: GroupKeys): string[] {
  return [effects, epoch, balances, dedup, `${dedup}:1:0`];
}
