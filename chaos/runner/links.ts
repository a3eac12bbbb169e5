import { join } from 'node:path';
import type { Timers } from '@understudy/runtime';
import type { FaultyLink } from '../drivers/faulty-link.ts';
import { type LinkProxy, startLinkProxy } from '../drivers/link-proxy.ts';
import { proxiedLink } from '../drivers/proxied-link.ts';
import type { UndoJournal } from '../drivers/undo-journal.ts';
import type { NodeServers } from './node-environment.ts';
import type { Plan } from './plan.ts';
import { RUN_FILES } from './run-directory.ts';

/** How the nodes of a run reach Redis. Disposing ends the proxies, if there are any. */
export interface Links extends AsyncDisposable {
  /** Where a node finds the servers: the same for each of its incarnations. */
  serversOf(node: string): NodeServers;
  /** The link of a node, for one fault; undefined where the node connects directly. */
  linkOf(node: string): FaultyLink | undefined;
  /**
   * Resolves when the node sends something to Redis on a connection that it opens from now on;
   * undefined where it connects directly.
   */
  firstCommandOf(node: string): Promise<void> | undefined;
}

/** What links need. */
export interface LinksOptions {
  plan: Plan;
  /** Where the servers are. */
  servers: NodeServers;
  /** The directory that holds `.understudy`. */
  root: string;
  /** The run directory. */
  directory: string;
  journal: UndoJournal;
  timers: Timers;
  /** Told when a proxy ends by itself: the run is worth nothing then. */
  onFailure(error: Error): void;
}

/**
 * Lets every node connect directly, or puts a proxy before each where the plan says so.
 * @throws {LinkProxyFailed} when a proxy does not start; then none is left
 */
export async function makeLinks(options: LinksOptions): Promise<Links> {
  const { plan, servers } = options;
  await using started = new AsyncDisposableStack();
  const outcomes = await Promise.allSettled(
    plan.proxied ? plan.nodes.map((node) => startLinkProxy(proxyOptions(node, options))) : [],
  );
  const proxies = new Map<string, LinkProxy>();
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') {
      proxies.set(outcome.value.node, started.use(outcome.value));
    }
  }
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  const all = started.move();
  return {
    serversOf(node) {
      const proxy = proxies.get(node);
      if (!proxy) return servers;
      const locks = plan.servers.filter((name) => name !== 'data');
      return {
        dataUrl: proxy.urlOf('data'),
        // Where nobody elects a leader, the data Redis is named as the only lock node.
        lockUrls: (locks.length > 0 ? locks : ['data']).map((name) => proxy.urlOf(name)),
      };
    },
    linkOf(node) {
      const proxy = proxies.get(node);
      return proxy && proxiedLink(proxy.link());
    },
    firstCommandOf: (node) => proxies.get(node)?.firstCommand(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function proxyOptions(
  node: string,
  { plan, servers, root, directory, journal, timers, onFailure }: LinksOptions,
): Parameters<typeof startLinkProxy>[0] {
  const urls = [servers.dataUrl, ...servers.lockUrls];
  return {
    node,
    servers: plan.servers.map((name, i) => ({ name, url: urls[i] ?? servers.dataUrl })),
    seed: plan.settings.seed,
    logPath: join(directory, RUN_FILES.logs, `${node}.proxy.log`),
    compileCache: process.env.NODE_COMPILE_CACHE ?? join(root, '.understudy', 'compile-cache'),
    journal,
    timers,
    onFailure,
  };
}
