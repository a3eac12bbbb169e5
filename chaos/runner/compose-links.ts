import type { Clock, Timers } from '@understudy/runtime';
import type { ComposeGroup } from '../drivers/docker/compose-project.ts';
import { ContainerHand } from '../drivers/docker/container-hand.ts';
import { ContainerProxy } from '../drivers/docker/container-proxy.ts';
import type { Engine } from '../drivers/docker/engine.ts';
import { networkLink } from '../drivers/docker/network-link.ts';
import type { FaultyLink } from '../drivers/faulty-link.ts';
import type { FaultyRedis } from '../drivers/faulty-redis.ts';
import { proxiedLink } from '../drivers/proxied-link.ts';
import type { UndoJournal } from '../drivers/undo-journal.ts';

/** What the links of a group in containers are reached by. */
export interface ComposeLinksOptions {
  readonly engine: Engine;
  readonly group: ComposeGroup;
  /** The hands that may touch the nodes, by node. */
  readonly handOf: (node: string) => ContainerHand | undefined;
  readonly servers: readonly FaultyRedis[];
  /** Talk with the nodes' proxies, and what is drawn in them; undefined: leave them alone. */
  readonly proxies: { readonly seed: number } | undefined;
  readonly journal: UndoJournal;
  onFailure(error: Error): void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The links of a group in containers. Disposing heals what its proxies have in force. */
export interface ComposeLinks extends AsyncDisposable {
  /** The link of a node whose present process is `process`, for one fault. */
  linkOf(
    node: string,
    process: { readonly pid: number; readonly startTime: string },
  ): FaultyLink | undefined;
}

/**
 * Takes up the talk with the proxies that the nodes have; others are reached by their networks.
 * @throws {LinkProxyFailed} when one does not answer @throws {DockerEngineUnfit}
 */
export async function openComposeLinks(options: ComposeLinksOptions): Promise<ComposeLinks> {
  const { group, handOf, servers, clock, timers } = options;
  await using started = new AsyncDisposableStack();
  const proxies = new Map<string, ContainerProxy>();
  const outcomes = await Promise.allSettled(openAll(options));
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') {
      proxies.set(outcome.value.node, started.use(outcome.value));
    }
  }
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  const networks = group.servers.flatMap(({ container }) => container.networks);
  const redisNetworks = new Set(networks.map(({ id }) => id));
  const all = started.move();
  return {
    linkOf(node, process) {
      const hand = handOf(node);
      const proxied = group.nodes.find(({ name }) => name === node)?.proxy;
      if (!hand) return undefined;
      const seenFrom = proxied && { seenFrom: proxied.networks.map(({ address }) => address) };
      const around = { node, hand, process, servers, redisNetworks, ...seenFrom };
      const network = networkLink({ ...around, clock, timers });
      const proxy = proxies.get(node);
      return proxy ? { ...proxiedLink(proxy.link()), network } : network;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Begins to talk with the proxy of each node that has one. */
function openAll(options: ComposeLinksOptions): Promise<ContainerProxy>[] {
  const { engine, group, proxies, journal, onFailure, timers } = options;
  const { nodes, project } = group;
  return nodes.flatMap(({ name: node, proxy: container }) => {
    if (!container || !proxies) return [];
    const what = `proxy of ${node}`;
    const hand = new ContainerHand({ engine, container, what, project, journal, timers });
    const { state } = container;
    return [ContainerProxy.open({ node, hand, state, seed: proxies.seed, timers, onFailure })];
  });
}
