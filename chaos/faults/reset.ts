import { z } from 'zod';
import type { Fault } from './fault.ts';
import { beginTrouble, LINK_UNDO } from './link-evidence.ts';
import {
  type RedisSelection,
  redisParameter,
  refuseWithoutLink,
  selectServers,
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
    beginTrouble(link, { kind: 'sever', servers: selectServers(redis, link.servers) }, 'reset'),
  durationMs: () => 0,
  async heal(link) {
    await link.heal();
    return { seen: true, evidence: `proxy pid ${link.pid} lets new connections through` };
  },
};
