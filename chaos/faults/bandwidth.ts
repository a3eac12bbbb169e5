import { z } from 'zod';
import { EVIDENCE_LIMIT_MS, type Fault } from './fault.ts';
import {
  directionParameter,
  forParameter,
  type LinkSelection,
  redisParameter,
  refuseWithoutLink,
  selectDirections,
  selectServers,
  LINK_UNDO,
} from './link-parameters.ts';

interface Narrow extends LinkSelection {
  readonly forMs: number;
  readonly bytesPerSecond: number;
}

const FOR_MS = 3000;
const BYTES_PER_SECOND = 20_000;
const LEAST_BYTES_PER_SECOND = 10;
const MOST_BYTES_PER_SECOND = 100_000_000;

/**
 * A narrow line: so many bytes a second pass in each direction of each connection. What waits at
 * the heal arrives at once.
 */
export const bandwidth: Fault<Narrow, 'link'> = {
  name: 'bandwidth',
  place: 'link',
  summary:
    'lets bytesPerSecond (20000) pass between the node and redis (all, or: data, locks, lock-1) in direction (both, or: to-redis, from-redis), each connection by itself, for (3s)',
  parameters: z
    .strictObject({
      for: forParameter(FOR_MS),
      bytesPerSecond: z
        .number()
        .min(LEAST_BYTES_PER_SECOND)
        .max(MOST_BYTES_PER_SECOND)
        .default(BYTES_PER_SECOND),
      redis: redisParameter,
      direction: directionParameter,
    })
    .transform(({ for: forMs, ...rest }) => ({ forMs, ...rest })),
  undo: LINK_UNDO,
  // A request that was under way for long may arrive when its sender is no longer what it was.
  leavesZombies: true,
  refuse: refuseWithoutLink,
  inject: (link, { bytesPerSecond, redis, direction }) =>
    link.inject(
      {
        kind: 'throttle',
        servers: selectServers(redis, link.servers),
        directions: selectDirections(direction),
        bytesPerSecond,
      },
      EVIDENCE_LIMIT_MS,
    ),
  durationMs: ({ forMs }) => forMs,
  heal: (link) => link.heal(),
};
