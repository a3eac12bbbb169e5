import type { ConnectionWatch, GroupKeys } from '@understudy/redis';
import { failpoint, type Timers } from '@understudy/runtime';
import Redlock, {
  ExecutionError,
  type ExecutionResult,
  type Lock,
  ResourceLockedError,
} from 'redlock';
import type { LeaseLogEvent } from './lease-change.ts';
import { LockNode } from './lock-node.ts';
import type { GlanceAnswer, ProbeAnswer, SeenLock } from './lock-view.ts';
import { Presence } from './presence.ts';
import type { LeaseScripts } from './scripts.ts';
import type { LeaseSettings } from './settings.ts';
import type { Found, Happening } from './state.ts';

interface Options {
  readonly urls: readonly string[];
  readonly nodeId: string;
  readonly incarnation: string;
  readonly keys: GroupKeys;
  readonly settings: LeaseSettings;
  readonly scripts: LeaseScripts;
  readonly timers: Timers;
  readonly watch: ConnectionWatch | undefined;
  /** A lock node is connected again, or has this incarnation's presence again. */
  onReturned(): void;
  /** Somebody who contends gives the lease back. A hint: it may come early, late, twice, or never. */
  onGivenBack(): void;
  log(event: LeaseLogEvent): void;
}

/** What became of an acquire, or of an extend. */
type Acquired = Extract<Happening, { type: 'acquired' | 'acquire-refused' }>;
type Extended = Extract<Happening, { type: 'extended' | 'extend-refused' }>;

/** All lock nodes of a lease. Every promise settles within a few command time-outs. */
export class LockNodes {
  readonly #options: Options;
  readonly #nodes: readonly LockNode[];
  readonly #presence: Presence | undefined;
  readonly #redlock: Redlock;
  /** The locks that were acquired and not released yet, by term. */
  readonly #locks = new Map<string, Lock>();

  constructor(options: Options) {
    this.#options = options;
    const { urls, nodeId, keys, settings, scripts, timers, watch } = options;
    this.#nodes = urls.map(
      (url, lockNode) =>
        new LockNode({
          url,
          name: `understudy:lease:${nodeId}`,
          keys,
          settings,
          scripts,
          watch,
          onReady: () => options.onReturned(),
          onFailed: (error) => options.log({ message: 'lock node failed', lockNode, error }),
        }),
    );
    if (settings.presence) {
      this.#presence = new Presence(urls, {
        name: `understudy:presence:${nodeId}`,
        waitMs: settings.commandTimeoutMs,
        timers,
        watch,
        onRestored: () => options.onReturned(),
        onMessage: () => options.onGivenBack(),
      });
      void this.#presence.subscribe(keys.contenders);
    }
    // redlock tries once (L1); when to try again is decided by the transition alone.
    this.#redlock = new Redlock(
      this.#nodes.map((node) => node.connection.redis),
      { retryCount: 0 },
      {
        acquireScript: () => scripts.acquire.text,
        extendScript: () => scripts.extend.text,
        releaseScript: () => scripts.release.text,
      },
    );
  }

  #channel(term: string): string {
    return this.#options.keys.termChannel(this.#options.incarnation, term);
  }

  /** Lock, entry and channel: the channel travels as a key, which redlock passes through. */
  #resources(term: string): string[] {
    const { keys } = this.#options;
    return [keys.lease, keys.holder, this.#channel(term)];
  }

  probe(node: number): Promise<ProbeAnswer | undefined> {
    // An entry's owner is its channel without the last part.
    const owner = this.#channel('').slice(0, -1);
    return this.#nodes[node]?.probe(owner) ?? Promise.resolve(undefined);
  }

  glance(node: number, channel: string): Promise<GlanceAnswer | undefined> {
    return this.#nodes[node]?.glance(channel) ?? Promise.resolve(undefined);
  }

  /** Subscribes the term's channel; see `Presence.subscribe`. */
  async prepare(term: string): Promise<void> {
    await this.#presence?.subscribe(this.#channel(term));
  }

  dropPresence(term: string): void {
    this.#presence?.drop(this.#channel(term));
  }

  /** Takes the lease on a quorum, or redlock takes back what it got. */
  async acquire(term: string): Promise<Acquired> {
    try {
      const lock = await this.#redlock.acquire(this.#resources(term), this.#options.settings.ttlMs);
      this.#locks.set(term, lock);
      return { type: 'acquired', term };
    } catch (error) {
      const nowhere = (await countElsewhere(error)) === this.#nodes.length;
      return { type: 'acquire-refused', term, nowhere };
    }
  }

  async extend(term: string): Promise<Extended> {
    const lock = this.#locks.get(term);
    if (!lock) return { type: 'extend-refused', term, elsewhere: 0 };
    // redlock refuses to extend what its wall clock calls expired, and the wall clock may jump.
    // The holder's deadline is monotonic and its own (L2); an absent lock may be re-created (L8).
    lock.expiration = Number.POSITIVE_INFINITY;
    try {
      const asked = this.#redlock.extend(lock, this.#options.settings.ttlMs);
      failpoint('during-extend');
      await asked;
      return { type: 'extended', term };
    } catch (error) {
      return { type: 'extend-refused', term, elsewhere: await countElsewhere(error) };
    }
  }

  /**
   * Resolves when every lock node released, or failed to within its time (L11): whether somebody else was
   * told.
   */
  async release(term: string): Promise<boolean> {
    const lock = this.#locks.get(term);
    if (!lock) return false;
    const asked = this.#redlock.release(lock);
    const told = Promise.all(this.#nodes.map((node) => node.tellGivenBack()));
    try {
      await allVotes(await asked);
    } catch (error) {
      if (error instanceof ExecutionError) await allVotes(error);
    } finally {
      this.#locks.delete(term);
    }
    return (await told).includes(true);
  }

  /** Deposes silent holders; resolves with how many lock nodes have no lock now. */
  async depose(silent: readonly SeenLock[]): Promise<number> {
    const removed = await Promise.all(
      silent.map(async (seen) => this.#nodes[seen.node]?.depose(seen)),
    );
    return removed.filter(Boolean).length;
  }

  /** Beats on every lock node and tells what each found. */
  beat(term: string, epoch: number, onFound: (node: number, found: Found) => void): void {
    const value = this.#locks.get(term)?.value;
    if (value === undefined) return;
    this.#nodes.forEach((node, i) => {
      void node.beat(value, epoch).then((found) => {
        if (found !== undefined) onFound(i, found);
      });
    });
  }

  /** Reports the takeover of `term` as false; true where some lock node has the proof. */
  async reportFalseTakeover(term: string): Promise<boolean> {
    const value = this.#locks.get(term)?.value;
    if (value === undefined) return false;
    const proven = await Promise.all(this.#nodes.map((node) => node.reportFalseTakeover(value)));
    return proven.includes(true);
  }

  async close(): Promise<void> {
    const { timers } = this.#options;
    await Promise.all([this.#presence?.close(), ...this.#nodes.map((node) => node.close(timers))]);
  }
}

async function allVotes(result: ExecutionResult): Promise<void> {
  await Promise.all(result.attempts);
}

async function countElsewhere(error: unknown): Promise<number> {
  if (!(error instanceof ExecutionError)) return 0;
  const stats = await Promise.all(error.attempts);
  const against = stats.flatMap(({ votesAgainst }) => [...votesAgainst.values()]);
  return against.filter((reason) => reason instanceof ResourceLockedError).length;
}
