import { type Clock, invariant, messageOf, sleep, type Timers } from '@understudy/runtime';
import type { FaultyLink } from '../faulty-link.ts';
import type { FaultyRedis } from '../faulty-redis.ts';
import type { Observation } from '../observation.ts';
import type { ContainerFacts, ContainerNetwork } from './container-facts.ts';
import type { ContainerHand } from './container-hand.ts';

/** What the link of a node in a container is made of. */
export interface NetworkLinkOptions {
  readonly node: string;
  readonly hand: ContainerHand;
  readonly process: { readonly pid: number; readonly startTime: string };
  /** The addresses from which Redis sees the node, where a proxy stands in between. */
  readonly seenFrom?: readonly string[];
  /** The Redis servers of the run, the data Redis first, with the networks they are in. */
  readonly servers: readonly FaultyRedis[];
  /** The ids of the networks in which the servers are. */
  readonly redisNetworks: ReadonlySet<string>;
  readonly clock: Clock;
  readonly timers: Timers;
}

const LOOK_MS = 20;

/**
 * The link of a node in a container: the networks that it shares with the Redis servers. It can be
 * cut as a whole, by taking the container out of them. Nothing is closed then: neither side hears of
 * it, and the names of the servers are not found any more. When the container is put back it may
 * have another address; connections that were open hang until somebody gives them up.
 */
export function networkLink(options: NetworkLinkOptions): FaultyLink {
  const { node, hand, process, servers, redisNetworks, clock } = options;
  const { pid, startTime } = process;
  let cut: readonly ContainerNetwork[] = [];
  const sharedIn = ({ networks }: ContainerFacts): readonly ContainerNetwork[] =>
    networks.filter(({ id }) => redisNetworks.has(id));
  return {
    ...{ pid, startTime, seed: node },
    servers: servers.map(({ name }) => name),
    async inject(trouble, limitMs) {
      invariant(trouble.kind === 'withhold', 'a network can be cut, and nothing else');
      cut = sharedIn(await hand.inspect());
      if (cut.length === 0) {
        return { seen: false, evidence: `${hand.who} shares no network with the Redis servers` };
      }
      return attempt(async () => {
        for (const network of cut) await hand.disconnect(network);
        const left = await untilNetworks(options, limitMs, (there) => there.length === 0);
        const clients = await clientsFrom(servers[0], addresses());
        const evidence = `${hand.who} had ${told(cut)}; the engine shows ${left.length === 0 ? 'no endpoint of it there' : `it in ${told(left)}`}; ${clients}`;
        return { seen: left.length === 0, evidence };
      });
    },
    heal: () =>
      attempt(async () => {
        const during = await clientsFrom(servers[0], addresses());
        for (const network of cut) await hand.connect(network);
        const back = await untilNetworks(options, 2000, (there) => there.length >= cut.length);
        const evidence = `before it was put back ${during}; now ${hand.who} has ${told(back)}`;
        return { seen: back.length >= cut.length, evidence };
      }),
  };

  function addresses(): readonly string[] {
    return options.seenFrom ?? cut.map(({ address }) => address);
  }

  async function attempt(act: () => Promise<Observation>): Promise<Observation> {
    try {
      return await act();
    } catch (error) {
      return { seen: false, evidence: messageOf(error) };
    }
  }

  async function untilNetworks(
    { timers }: NetworkLinkOptions,
    limitMs: number,
    reached: (there: readonly ContainerNetwork[]) => boolean,
  ): Promise<readonly ContainerNetwork[]> {
    const deadlineMs = clock.monotonicMs() + limitMs;
    for (;;) {
      const there = sharedIn(await hand.inspect());
      if (reached(there) || clock.monotonicMs() >= deadlineMs) return there;
      await sleep(timers, LOOK_MS);
    }
  }
}

function told(networks: readonly ContainerNetwork[]): string {
  if (networks.length === 0) return 'no endpoint';
  return networks.map(({ name, address }) => `${address} in ${name}`).join(', ');
}

/** The clients that a server has from some addresses, as the server tells, in words. */
async function clientsFrom(
  server: FaultyRedis | undefined,
  addresses: readonly string[],
): Promise<string> {
  const list = await server?.admin.client('LIST').catch(() => undefined);
  if (!server || list === undefined) return 'the data Redis does not answer';
  const idleSeconds = idleOf(String(list), addresses);
  if (idleSeconds.length === 0) return `${server.name} has no connection from there`;
  // A server that writes to somebody who is cut off does not call the connection idle.
  return `${server.name} keeps ${idleSeconds.length} connections from there, the longest idle for ${Math.max(...idleSeconds)} s`;
}

/** How long the clients of these addresses have been idle, in seconds, by CLIENT LIST. */
export function idleOf(list: string, addresses: readonly string[]): readonly number[] {
  return list.split('\n').flatMap((line) => {
    const address = / addr=([\d.]+):\d+/.exec(line)?.[1];
    const idle = / idle=(\d+)/.exec(line)?.[1];
    const theirs = address !== undefined && addresses.includes(address);
    return theirs && idle !== undefined ? [Number(idle)] : [];
  });
}
