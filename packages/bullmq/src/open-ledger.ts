import { type Ledger, redisLedger } from '@understudy/exactly-once';
import { telling } from '@understudy/worker/node';
import type { Member } from './group-options.ts';

/** The ledger of a member's group. */
export function openLedger(member: Member): Ledger {
  const { redisUrl, group, nodeId, scripts, clock, capacity, windowMs, log } = member;
  return redisLedger({
    url: redisUrl,
    group,
    name: `understudy:ledger:${nodeId}`,
    scripts,
    clock,
    onTrouble: telling(log, 'data Redis in trouble'),
    ...(capacity === undefined ? {} : { capacity }),
    ...(windowMs === undefined ? {} : { windowMs }),
  });
}
