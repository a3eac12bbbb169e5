import { type Ledger, redisLedger } from '@understudy/exactly-once';
import type { Member } from './group-options.ts';

/** The ledger of a member's group. */
export function openLedger(member: Member): Ledger {
  const { redisUrl, group, nodeId, scripts, clock, capacity, windowMs } = member;
  return redisLedger({
    url: redisUrl,
    group,
    name: `understudy:ledger:${nodeId}`,
    scripts,
    clock,
    ...(capacity === undefined ? {} : { capacity }),
    ...(windowMs === undefined ? {} : { windowMs }),
  });
}
