import { join } from 'node:path';
import { invariant, systemClock, systemTimers } from '@understudy/runtime';
import {
  findFault,
  type LinkProxy,
  openUndoJournal,
  proxiedLink,
  startLinkProxy,
} from 'understudy';
import { makeDirectory, removeDirectory } from '../directories.ts';
import type { Servers } from '../fleet/servers.ts';
import type { Context, Measured, Measurement } from '../measurement.ts';
import { unseenTakeover } from './unseen-takeover.ts';

const NODES = ['node-1', 'node-2', 'node-3'];

/** A leader cut off from every Redis, by the lab's proxy, to its successor's first effect. */
export const takeoverPartition: Measurement = {
  name: 'takeover-partition',
  what: 'the leader cut off from every Redis → its successor’s first effect',
  byDefault: true,
  measure,
};

async function measure(context: Context): Promise<Measured> {
  await using proxies = new Proxies();
  let heal = (): Promise<unknown> => Promise.resolve();
  return await unseenTakeover(
    context,
    {
      label: 'partition',
      fleet: {
        prepare: (servers) => proxies.start(servers),
        route: (node, server) => proxies.of(node).urlOf(server),
      },
      async strike(_, leader) {
        const partition = findFault('partition', leader.id);
        invariant(partition?.place === 'link', 'a partition is a fault on links');
        const parameters = partition.parameters.parse({});
        const link = proxiedLink(proxies.of(leader.id).link());
        const fromMs = systemClock.monotonicMs();
        const { seen, evidence } = await partition.inject(link, parameters);
        invariant(seen, evidence);
        heal = () => partition.heal(link, parameters);
        return fromMs;
      },
      async restore(fleet, old) {
        await heal();
        await fleet.until(() => old.state === 'passive' || old.state === 'down');
        if (old.state === 'down') fleet.startNode(old.id);
      },
    },
    { proxies: 'one a node, to every Redis' },
  );
}

/** The lab's proxies, one a node. */
class Proxies implements AsyncDisposable {
  readonly #directory = makeDirectory();
  readonly #journal = openUndoJournal(this.#directory);
  readonly #proxies = new Map<string, LinkProxy>();

  async start({ all }: Servers): Promise<void> {
    const servers = [...all].map(([name, { url }]) => ({ name, url }));
    for (const node of NODES) {
      const proxy = await startLinkProxy({
        ...{ node, servers, seed: 1, journal: this.#journal, timers: systemTimers },
        logPath: join(this.#directory, `${node}.log`),
        onFailure: (error) => process.stderr.write(`${error.message}\n`),
      });
      this.#proxies.set(node, proxy);
    }
  }

  of(node: string): LinkProxy {
    const proxy = this.#proxies.get(node);
    invariant(proxy, `${node} has a proxy`);
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies.values()) await proxy[Symbol.asyncDispose]();
    this.#journal.close();
    removeDirectory(this.#directory);
  }
}
