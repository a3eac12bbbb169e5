import { z } from 'zod';
import type { FaultyLink } from '../drivers/faulty-link.ts';
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
  /** Who cuts. Absent: the proxy where there is one, else the network. */
  readonly by?: 'proxy' | 'network' | undefined;
}

const FOR_MS = 3000;

/** A network takes a container away as a whole: from every server, in both directions. */
function refuse(circumstances: Circumstances, { redis, direction, by }: Cut): string | undefined {
  const { driver, link } = circumstances;
  if (driver !== 'docker' && by === 'network') {
    return 'a process is in no network that it could be taken out of: leave by out';
  }
  if (by !== 'network' && (driver !== 'docker' || link === 'proxy' || by === 'proxy')) {
    return refuseWithoutLink(circumstances, { redis });
  }
  if (redis === 'all' && direction === 'both') return undefined;
  return 'a container is taken out of the network as a whole: leave redis and direction out';
}

function lineOf(link: FaultyLink, { by }: Cut): FaultyLink {
  return by === 'network' ? (link.network ?? link) : link;
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
    'withholds all bytes between the node and redis (all, or: data, locks, lock-1) in direction (both, or: to-redis, from-redis) and closes nothing; they arrive after for (3s); of containers by (proxy, or: network) says what cuts',
  parameters: z
    .strictObject({
      for: forParameter(FOR_MS),
      redis: redisParameter,
      direction: directionParameter,
      by: z.enum(['proxy', 'network']).optional(),
    })
    .transform(({ for: forMs, redis, direction, by }) => ({
      ...{ forMs, redis, direction },
      ...(by === undefined ? {} : { by }),
    })),
  undo: LINK_UNDO,
  // It goes on with what it believed before the line was cut, and so do its late requests.
  leavesZombies: true,
  refuse,
  inject: (link, cut) =>
    lineOf(link, cut).inject(
      {
        kind: 'withhold',
        servers: selectServers(cut.redis, link.servers),
        directions: selectDirections(cut.direction),
      },
      EVIDENCE_LIMIT_MS,
    ),
  durationMs: ({ forMs }) => forMs,
  heal: (link, cut) => lineOf(link, cut).heal(),
};
