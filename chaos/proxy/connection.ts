import { Socket } from 'node:net';
import type { Clock, Timers } from '@understudy/runtime';
import { Flow, reset } from './flow.ts';
import type { Server } from './messages.ts';
import type { Injected, Rules } from './rules.ts';

/** What a connection needs besides its node's socket. */
export interface ConnectionOptions {
  server: Server;
  toRedis: Rules;
  fromRedis: Rules;
  clock: Clock;
  timers: Timers;
  /** Called when both sides are closed. */
  onClosed(): void;
}

/**
 * One connection of a node and the one to Redis that belongs to it. The latter is opened when
 * nothing is withheld in either direction: a connection that is made during a partition hangs, and
 * if the node gives it up before the heal, Redis never hears of it.
 */
export class Connection {
  readonly #node: Socket;
  readonly #redis: Socket;
  readonly #options: ConnectionOptions;
  readonly #flows: readonly [Flow, Flow];
  readonly #droppedBy = new Set<Injected>();
  #opened = false;

  constructor(node: Socket, options: ConnectionOptions) {
    this.#node = node;
    this.#redis = new Socket({ allowHalfOpen: true });
    this.#options = options;
    this.#redis.setNoDelay(true);
    const { toRedis, fromRedis, clock, timers } = options;
    const onGap = (droppedBy: Injected): void => void this.#droppedBy.add(droppedBy);
    this.#flows = [
      new Flow(node, this.#redis, { rules: toRedis, clock, timers, onGap }),
      new Flow(this.#redis, node, { rules: fromRedis, clock, timers, onGap }),
    ];
    for (const socket of [node, this.#redis]) {
      // What went wrong shows in the close that follows.
      socket.on('error', () => undefined);
      socket.on('close', () => this.#closed());
    }
    const withholding = new Set([...toRedis.withholding, ...fromRedis.withholding]);
    for (const each of withholding) each.count('attempts');
    this.review();
  }

  /** The rules have changed. `begun` is a trouble that has just begun to act here. */
  review(begun?: Injected): void {
    const { server, toRedis, fromRedis } = this.#options;
    if (!this.#opened && [...toRedis.withholding, ...fromRedis.withholding].length === 0) {
      this.#opened = true;
      if (this.#node.readableEnded || this.#node.destroyed) {
        this.destroy();
        return;
      }
      this.#redis.connect({ host: server.host, port: server.port });
      for (const flow of this.#flows) flow.open();
    }
    const withholds = begun?.trouble.kind === 'withhold' ? begun.trouble.directions : [];
    const [to, from] = this.#flows;
    to.review(withholds.includes('to-redis') ? begun : undefined);
    from.review(withholds.includes('from-redis') ? begun : undefined);
  }

  /** Whether it lost bytes to this trouble. */
  hasGapOf(injected: Injected): boolean {
    return this.#droppedBy.has(injected);
  }

  /** RST to both sides. */
  sever(): void {
    for (const flow of this.#flows) flow.stop();
    reset(this.#node);
    reset(this.#redis);
  }

  /** Closes both sides. */
  destroy(): void {
    for (const flow of this.#flows) flow.stop();
    this.#node.destroy();
    this.#redis.destroy();
  }

  #closed(): void {
    // Given up before it led anywhere: there is nothing to bring to Redis.
    if (!this.#opened && !this.#redis.destroyed) this.destroy();
    if (this.#node.destroyed && this.#redis.destroyed) this.#options.onClosed();
  }
}
