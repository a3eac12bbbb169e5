import { connect, type ConnectionWatch } from '@understudy/redis';
import type { Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { disconnected } from './disconnected.ts';
import { quorumOf } from './lock-view.ts';

/** Once a quorum has confirmed, how long the other lock nodes are waited for. */
const STRAGGLERS_MS = 25;

interface Options {
  readonly name: string;
  /** How long `subscribe` waits at most. */
  readonly waitMs: number;
  readonly timers: Timers;
  readonly watch: ConnectionWatch | undefined;
  /** A lock node that had lost this presence has it again. */
  onRestored(): void;
  /** Something was published on a channel that is subscribed. */
  onMessage(): void;
}

/**
 * Presence on all lock nodes: a pub/sub channel that has a subscriber exactly while this process
 * is connected, so that anybody can ask the lock node whether it is. Nothing is published on a term's.
 */
export class Presence {
  readonly #connections: readonly Redis[];
  readonly #options: Options;
  /** The channels that are to be subscribed, each with the lock nodes that confirmed it. */
  readonly #channels = new Map<string, { confirmed: Set<number>; settle: () => void }>();

  constructor(urls: readonly string[], options: Options) {
    this.#options = options;
    const { name, watch } = options;
    this.#connections = urls.map((url) => connect(url, { purpose: 'subscribe', name, watch }));
    this.#connections.forEach((redis, node) => {
      // After a reconnect the server must hear of the channels wanted *now* and of no others.
      // ioredis' own re-subscribing also rejects unheard when the connection closes meanwhile.
      redis.options.autoResubscribe = false;
      redis.options.autoResendUnfulfilledCommands = false;
      redis.on('message', () => options.onMessage());
      redis.on('ready', () => {
        for (const channel of this.#channels.keys()) this.#subscribeOn(node, channel);
      });
    });
  }

  /**
   * Subscribes `channel` everywhere. Resolves when every lock node confirmed, or shortly after a
   * quorum did, or after `waitMs`: a dead lock node delays nobody. It will hear of the channel
   * when it is back.
   */
  subscribe(channel: string): Promise<void> {
    const { timers, waitMs } = this.#options;
    return new Promise((resolve) => {
      const confirmed = new Set<number>();
      let cancelStragglers: (() => void) | undefined;
      const finish = (): void => {
        cancelWait();
        cancelStragglers?.();
        resolve();
      };
      const cancelWait = timers.after(waitMs, finish);
      const settle = (): void => {
        const missing = this.#connections.length - confirmed.size;
        if (missing === 0 || !this.#channels.has(channel)) finish();
        else if (confirmed.size >= quorumOf(this.#connections.length)) {
          cancelStragglers ??= timers.after(STRAGGLERS_MS, finish);
        }
      };
      this.#channels.set(channel, { confirmed, settle });
      this.#connections.forEach((redis, node) => {
        // Otherwise the `ready` listener will do it.
        if (redis.status === 'ready') this.#subscribeOn(node, channel);
      });
    });
  }

  #subscribeOn(node: number, channel: string): void {
    this.#connections[node]?.subscribe(channel).then(
      () => {
        const entry = this.#channels.get(channel);
        if (!entry) return;
        if (entry.confirmed.has(node)) this.#options.onRestored();
        entry.confirmed.add(node);
        entry.settle();
      },
      // The connection was lost (and the next `ready` does it again) or ACLs forbid the channel:
      // then the lock node stores no channel, and the TTL alone decides there.
      () => undefined,
    );
  }

  /** Drops `channel` everywhere. */
  drop(channel: string): void {
    const entry = this.#channels.get(channel);
    this.#channels.delete(channel);
    entry?.settle();
    for (const redis of this.#connections) {
      if (redis.status === 'ready') redis.unsubscribe(channel).catch(() => undefined);
    }
  }

  /** Closes the connections: every channel is dropped. Resolves when they are closed. */
  async close(): Promise<void> {
    for (const channel of [...this.#channels.keys()]) this.drop(channel);
    await Promise.all(
      this.#connections.map((redis) =>
        disconnected(redis, this.#options.timers, this.#options.waitMs),
      ),
    );
  }
}
