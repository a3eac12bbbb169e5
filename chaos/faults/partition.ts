import { z } from 'zod';
import type { Fault } from './fault.ts';
import { beginTrouble, endTrouble, LINK_UNDO } from './link-evidence.ts';
import {
  directionParameter,
  forParameter,
  type LinkSelection,
  redisParameter,
  refuseWithoutLink,
  selectDirections,
  selectServers,
} from './link-parameters.ts';

interface Cut extends LinkSelection {
  readonly forMs: number;
}

const FOR_MS = 3000;

/**
 * A dead line: bytes are withheld and nothing is closed, the end of a node that dies behind it
 * included. New connections are accepted and hang. When the line comes back, everything arrives,
 * late and in order, as TCP would send it again; only a connection that was begun and given up in
 * between never was.
 */
export const partition: Fault<Cut, 'link'> = {
  name: 'partition',
  place: 'link',
  summary:
    'withholds all bytes between the node and redis (all, or: data, locks, lock-1) in direction (both, or: to-redis, from-redis) and closes nothing; they arrive after for (3s)',
  parameters: z
    .strictObject({
      for: forParameter(FOR_MS),
      redis: redisParameter,
      direction: directionParameter,
    })
    .transform(({ for: forMs, redis, direction }) => ({ forMs, redis, direction })),
  undo: LINK_UNDO,
  // It goes on with what it believed before the line was cut, and so do its late requests.
  leavesZombies: true,
  refuse: refuseWithoutLink,
  inject: (link, { redis, direction }) =>
    beginTrouble(
      link,
      {
        kind: 'withhold',
        servers: selectServers(redis, link.servers),
        directions: selectDirections(direction),
      },
      'withheld',
    ),
  durationMs: ({ forMs }) => forMs,
  heal: (link) => endTrouble(link, 'withheld'),
};
