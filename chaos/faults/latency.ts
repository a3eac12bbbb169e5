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
import { durationParameter } from './restart.ts';

interface Delay extends LinkSelection {
  readonly forMs: number;
  readonly delayMs: number;
  readonly jitterMs: number;
}

const FOR_MS = 3000;
const DELAY_MS = 50;
const JITTER_MS = 10;
const LONGEST_DELAY_MS = 60_000;

const delayParameter = (defaultMs: number): z.ZodType<number> =>
  durationParameter(defaultMs).refine((ms) => ms <= LONGEST_DELAY_MS, {
    error: 'must be a minute at most',
  });

/**
 * A long line: every piece arrives later, by the delay and what the seed draws of the jitter, in
 * the order in which it was sent. What is on its way at the heal arrives at once.
 */
export const latency: Fault<Delay, 'link'> = {
  name: 'latency',
  place: 'link',
  summary:
    'delays what goes between the node and redis (all, or: data, locks, lock-1) in direction (both, or: to-redis, from-redis) by delay (50ms) and up to jitter (10ms) more, for (3s)',
  parameters: z
    .strictObject({
      for: forParameter(FOR_MS),
      delay: delayParameter(DELAY_MS),
      jitter: delayParameter(JITTER_MS),
      redis: redisParameter,
      direction: directionParameter,
    })
    .refine(({ delay, jitter }) => delay + jitter > 0, {
      error: 'delay and jitter are both zero, so that nothing would be delayed',
    })
    .transform(({ for: forMs, delay, jitter, redis, direction }) => ({
      forMs,
      delayMs: delay,
      jitterMs: jitter,
      redis,
      direction,
    })),
  undo: LINK_UNDO,
  // A request that was under way for long may arrive when its sender is no longer what it was.
  leavesZombies: true,
  refuse: refuseWithoutLink,
  inject: (link, { delayMs, jitterMs, redis, direction }) =>
    link.inject(
      {
        kind: 'delay',
        servers: selectServers(redis, link.servers),
        directions: selectDirections(direction),
        delayMs,
        jitterMs,
        seed: link.seed,
      },
      EVIDENCE_LIMIT_MS,
    ),
  durationMs: ({ forMs }) => forMs,
  heal: (link) => link.heal(),
};
