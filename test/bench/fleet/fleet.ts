import { leaseSettings, silenceInForce } from '@understudy/lease';
import { groupKeys } from '@understudy/redis';
import { invariant, sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Redis } from 'ioredis';
import { followEffects, type SeenEffect } from './effects.ts';
import { type LaneName, openFeed, paymentOf } from './lane.ts';
import { type BenchNode, startNode } from './node.ts';
import { type Servers, startServers } from './servers.ts';

const BATCH_MS = 10;
/** What a node says of an attempt is on its way for a moment; older effects need not be known. */
const MOST_KNOWN = 100_000;
/** The lease's defaults, which all fleets here have. */
export const LEASE = leaseSettings({});
const LOCK_NODES = ['lock-1', 'lock-2', 'lock-3'];

/** How a fleet is set up. What is not said is the worker's default. */
export interface FleetOptions {
  readonly mode: 'active-passive' | 'active-active';
  readonly nodes: number;
  readonly lane?: LaneName;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is different at one node, such as where it serves its metrics. */
  readonly environmentOf?: (id: string) => Readonly<Record<string, string>>;
  /** The URL by which a node reaches a server. Default: the server's own. */
  readonly route?: (node: string, server: string, url: string) => string;
  /** Called when the servers run, before any node does. */
  readonly prepare?: (servers: Servers) => Promise<void>;
}

/** Redis servers and worker processes without the lab: a bench must not measure its judge. */
export class Fleet implements AsyncDisposable {
  readonly nodes = new Map<string, BenchNode>();
  readonly group = 'bench';
  readonly servers: Servers;
  readonly #options: FleetOptions;
  readonly #following: AsyncDisposable;
  readonly #effectWaiters = new Set<(effect: SeenEffect) => void>();
  readonly #stateWaiters = new Set<() => void>();
  readonly #done = new Set<string>();
  #started = 0;
  #producing = true;
  #producer: Promise<void> = Promise.resolve();

  private constructor(options: FleetOptions, servers: Servers) {
    this.#options = options;
    this.servers = servers;
    const { effects } = groupKeys(this.group);
    this.#following = followEffects(servers.urlOf('data'), effects, (effect) => this.#seen(effect));
  }

  /** Starts the servers and the nodes, and waits until every node is passive or active. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options, await startServers(['data', ...LOCK_NODES]));
    await options.prepare?.(fleet.servers);
    for (let i = 1; i <= options.nodes; i++) fleet.startNode(`node-${i}`);
    await fleet.settled();
    return fleet;
  }

  /** Starts (or starts again) a node. */
  startNode(id: string): BenchNode {
    this.#started += 1;
    const { mode, lane = 'bullmq', environment, environmentOf, route } = this.#options;
    const urlOf = (server: string): string => {
      const url = this.servers.urlOf(server);
      return route ? route(id, server, url) : url;
    };
    const given = {
      REDIS_URL: urlOf('data'),
      LOCK_REDIS_URLS: LOCK_NODES.map(urlOf).join(','),
      UNDERSTUDY_INCARNATION: `i${this.#started}`,
      UNDERSTUDY_GROUP: this.group,
      UNDERSTUDY_MODE: mode,
      ...(lane === 'bullmq' ? {} : { UNDERSTUDY_LANE: lane }),
      ...environment,
      ...environmentOf?.(id),
    };
    const node = startNode(id, given, {
      isDone: (job) => this.#done.has(job),
      onChange: () => [...this.#stateWaiters].forEach((waiter) => waiter()),
    });
    this.nodes.set(id, node);
    return node;
  }

  /** Resolves when every node is ready and passive or active, and one at least active. */
  async settled(): Promise<void> {
    await this.until(() => {
      const nodes = [...this.nodes.values()];
      if (!nodes.every((node) => node.ready)) return false;
      const states = nodes.map((node) => node.state);
      const up = states.every((state) => state === 'passive' || state === 'active');
      return up && states.includes('active');
    });
  }

  /** Resolves when `condition` holds; looked at whenever a node changes its state. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#stateWaiters.delete(wake);
          resolve();
        };
        this.#stateWaiters.add(wake);
      });
    }
  }

  /** The node that became active last, of those that are. */
  get leader(): BenchNode {
    const active = [...this.nodes.values()].filter((node) => node.state === 'active');
    const leader = active.sort((a, b) => b.activeSinceMs - a.activeSinceMs)[0];
    invariant(leader, 'a node is active');
    return leader;
  }

  /** How often a node became active since the fleet was started, all together. */
  get terms(): number {
    return [...this.nodes.values()].reduce((sum, { timesActive }) => sum + timesActive, 0);
  }

  /** The first effect that `matches`, seen after this call. */
  effect(matches: (effect: SeenEffect) => boolean): Promise<SeenEffect> {
    return new Promise((resolve) => {
      const stop = this.onEffect((effect) => {
        if (!matches(effect)) return;
        stop();
        resolve(effect);
      });
    });
  }

  /** Calls `listener` for every effect from now on. Returns how to stop. */
  onEffect(listener: (effect: SeenEffect) => void): () => void {
    this.#effectWaiters.add(listener);
    return () => void this.#effectWaiters.delete(listener);
  }

  /** Enqueues `perSecond` jobs a second until the fleet is disposed. */
  produce(perSecond: number): void {
    this.#producer = this.#keepProducing(perSecond);
  }

  /** The heartbeat time-out in force, as a standby reckons it: higher for a while after false takeovers. */
  async heartbeatTimeoutMs(): Promise<number> {
    const { silence } = groupKeys(this.group);
    const inForce = await Promise.all(
      LOCK_NODES.map(async (name) => {
        const redis = new Redis(this.servers.urlOf(name));
        try {
          const silenceMs = Number((await redis.get(silence)) ?? 0);
          return silenceInForce({ silenceMs, silenceLeftMs: await redis.pttl(silence) }, LEASE);
        } finally {
          redis.disconnect();
        }
      }),
    );
    return Math.max(...inForce);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#producing = false;
    await this.#producer;
    for (const { child } of this.nodes.values()) {
      child.kill('SIGKILL');
      child.kill('SIGCONT');
    }
    await Promise.all([...this.nodes.values()].map((node) => node.exited));
    await this.#following[Symbol.asyncDispose]();
    await this.servers[Symbol.asyncDispose]();
  }

  async #keepProducing(perSecond: number): Promise<void> {
    const { lane = 'bullmq' } = this.#options;
    await using feed = openFeed(lane, this.servers.urlOf('data'), this.group);
    const startedMs = systemClock.monotonicMs();
    let n = 0;
    while (this.#producing) {
      const due = Math.floor(((systemClock.monotonicMs() - startedMs) * perSecond) / 1000);
      const jobs = Array.from({ length: due - n }, (_, i) => paymentOf(n + i));
      n = due;
      if (jobs.length > 0) await feed.add(jobs);
      await sleep(systemTimers, BATCH_MS);
    }
  }

  #seen(effect: SeenEffect): void {
    this.#done.add(effect.job);
    for (const oldest of this.#done) {
      if (this.#done.size <= MOST_KNOWN) break;
      this.#done.delete(oldest);
    }
    for (const node of this.nodes.values()) node.attempts.delete(effect.job);
    for (const waiter of [...this.#effectWaiters]) waiter(effect);
  }
}
