import { z } from 'zod';
import { type Circumstances, EVIDENCE_LIMIT_MS, type Fault } from './fault.ts';
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

interface Cut extends LinkSelection {
  readonly forMs: number;
}

const FOR_MS = 3000;

/** A network takes a container away as a whole: from every server, in both directions. */
function refuse(circumstances: Circumstances, { redis, direction }: Cut): string | undefined {
  if (circumstances.driver !== 'docker') return refuseWithoutLink(circumstances, { redis });
  if (redis === 'all' && direction === 'both') return undefined;
  return 'a container is taken out of the network as a whole: leave redis and direction out';
}

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
  refuse,
  inject: (link, { redis, direction }) =>
    link.inject(
      {
        kind: 'withhold',
        servers: selectServers(redis, link.servers),
        directions: selectDirections(direction),
      },
      EVIDENCE_LIMIT_MS,
    ),
  durationMs: ({ forMs }) => forMs,
  heal: (link) => link.heal(),
};
