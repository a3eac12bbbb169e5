import { partScripts, redisParts, type WorkerParts } from '@understudy/worker';
import { ackBeforeCommit } from './ack-before-commit.ts';
import { checkThenSet } from './check-then-set.ts';
import { commitNotAtomic } from './commit-not-atomic.ts';
import { fencedLeaderStays } from './fenced-leader-stays.ts';
import { noFencing } from './no-fencing.ts';
import { noIdempotency } from './no-idempotency.ts';
import { noRecovery } from './no-recovery.ts';
import { noRenewal } from './no-renewal.ts';
import { outOfOrder } from './out-of-order.ts';
import { plainIncrementMint } from './plain-increment-mint.ts';
import type { Saboteur } from './saboteur.ts';
import { staleLeaderContinues } from './stale-leader-continues.ts';
import { stealFromTheLiving } from './steal-from-the-living.ts';

/** Every saboteur by its name, which is also its file's. */
export const SABOTEURS = {
  'no-fencing': noFencing,
  'no-idempotency': noIdempotency,
  'ack-before-commit': ackBeforeCommit,
  'commit-not-atomic': commitNotAtomic,
  'no-renewal': noRenewal,
  'check-then-set': checkThenSet,
  'no-recovery': noRecovery,
  'stale-leader-continues': staleLeaderContinues,
  'plain-increment-mint': plainIncrementMint,
  'steal-from-the-living': stealFromTheLiving,
  'fenced-leader-stays': fencedLeaderStays,
  'out-of-order': outOfOrder,
} as const satisfies Record<string, Saboteur>;

/** The name of a saboteur. */
export type SaboteurName = keyof typeof SABOTEURS;

/** The parts of a worker with the named saboteurs at work, one after the other; none, none. */
export function sabotagedParts(names: readonly SaboteurName[]): WorkerParts {
  const saboteurs: readonly Saboteur[] = names.map((name) => SABOTEURS[name]);
  const scripts = saboteurs.reduce((own, { scripts: change }) => change?.(own) ?? own, partScripts);
  return saboteurs.reduce((own, { parts: change }) => change?.(own) ?? own, redisParts(scripts));
}
