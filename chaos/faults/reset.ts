import { z } from 'zod';
import { EVIDENCE_LIMIT_MS, type Fault } from './fault.ts';
import {
  type RedisSelection,
  redisParameter,
  refuseWithoutLink,
  selectServers,
  LINK_UNDO,
} from './link-parameters.ts';

/**
 * What a middlebox does that has forgotten its connections: each is reset (RST) on both sides at
 * once, with whatever was under way. The next attempt gets through.
 */
export const reset: Fault<{ readonly redis: RedisSelection }, 'link'> = {
  name: 'reset',
  place: 'link',
  summary:
    'resets every connection between the node and redis (all, or: data, locks, lock-1), once',
  parameters: z.strictObject({ redis: redisParameter }),
  undo: LINK_UNDO,
  leavesZombies: false,
  refuse: refuseWithoutLink,
  inject: (link, { redis }) =>
    link.inject({ kind: 'sever', servers: selectServers(redis, link.servers) }, EVIDENCE_LIMIT_MS),
  durationMs: () => 0,
  heal: (link) => link.heal(),
};
