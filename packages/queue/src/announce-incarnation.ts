import {
  type CommandConnection,
  commandConnection,
  connect,
  type ConnectionWatch,
  groupKeys,
  InvalidName,
  loadScript,
  runScript,
} from '@understudy/redis';
import { sleep, systemTimers, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import type { IncarnationPresence } from './lane.ts';
import { incarnationKeys } from './incarnation-keys.ts';

/** Options of `announceIncarnation`. */
export interface AnnounceOptions {
  /** The data Redis. */
  readonly url: string;
  readonly group: string;
  readonly node: string;
  /** No `:` and no blank: it becomes the first part of every lock of this process. */
  readonly incarnation: string;
  /** How often the heartbeat is renewed, in ms. Default 200. */
  readonly heartbeatMs?: number;
  /** How long without a heartbeat until it counts as absent, in ms. Default 1000. */
  readonly absentAfterMs?: number;
  /** Ends the wait for a Redis that is not there; what is returned is then announced by nobody. */
  readonly signal?: AbortSignal;
  readonly timers?: Timers;
  /** Told of each failure; what failed is tried again. Default: nobody is told. */
  readonly onTrouble?: (error: unknown) => void;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
}

const ANNOUNCE = loadScript(new URL('./announce.lua', import.meta.url));
const RETRY_MS = 50;
const WITHDRAW_LIMIT_MS = 500;

/**
 * Announces this incarnation on the data Redis (R1): a pub/sub channel that is subscribed for as
 * long as the process lives, because the kernel closes its connection with it; and a heartbeat,
 * because pauses, partitions and host deaths close nothing. Resolves when both are up, which must
 * be before the first fetch. After a reconnect it announces itself anew.
 * @throws {InvalidName}
 */
export async function announceIncarnation(options: AnnounceOptions): Promise<IncarnationPresence> {
  const presence = new Presence(options);
  await presence.up(options.signal);
  return presence;
}

class Presence implements IncarnationPresence {
  readonly incarnation: string;
  readonly #timers: Timers;
  readonly #keys: readonly string[];
  readonly #heartbeat: string;
  readonly #channel: string;
  readonly #args: readonly (string | number)[];
  readonly #subscriber: Redis;
  readonly #connection: CommandConnection;
  readonly #onTrouble: (error: unknown) => void;
  readonly #withdrawn = new AbortController();
  readonly #stopBeating: () => void;

  constructor(options: AnnounceOptions) {
    const { node, incarnation, heartbeatMs = 200, absentAfterMs = 1000 } = options;
    if (incarnation === '' || /[\s:]/.test(incarnation)) {
      throw new InvalidName('incarnation', incarnation);
    }
    const group = groupKeys(options.group);
    this.incarnation = incarnation;
    this.#timers = options.timers ?? systemTimers;
    const { registered, due, server } = incarnationKeys(group);
    this.#heartbeat = group.heartbeatOf(incarnation);
    this.#channel = group.presenceOf(incarnation);
    this.#keys = [registered, this.#heartbeat, this.#channel, due, server];
    this.#args = [incarnation, node, absentAfterMs];
    const name = `understudy:presence:${node}`;
    this.#onTrouble = options.onTrouble ?? (() => undefined);
    const common = { name, watch: options.watch, onError: this.#onTrouble };
    this.#subscriber = connect(options.url, { purpose: 'subscribe', ...common });
    this.#connection = commandConnection(options.url, {
      ...common,
      commandTimeoutMs: absentAfterMs,
    });
    const beat = (): void => void this.#beaten();
    this.#connection.onReady(beat);
    this.#stopBeating = this.#timers.every(heartbeatMs, beat);
  }

  async up(signal?: AbortSignal): Promise<void> {
    const stop = AbortSignal.any([this.#withdrawn.signal, ...(signal ? [signal] : [])]);
    const subscribed = this.#subscriber.subscribe(this.#channel).catch(() => undefined);
    const stopped = new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([subscribed, stopped]);
    // The first beat that gets through registers; the others renew it.
    while (!stop.aborted) {
      await this.#connection.ready(stop);
      if (await this.#beaten()) return;
      await sleep(this.#timers, RETRY_MS, stop);
    }
  }

  /**
   * Withdraws: the channel loses its subscriber and the heartbeat goes, so that others notice at
   * once. The registration stays, so that what this process may have left is found; absence.lua
   * forgets it.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#withdrawn.signal.aborted) return;
    this.#withdrawn.abort();
    this.#stopBeating();
    const done = new AbortController();
    const withdrawals = Promise.allSettled([
      this.#connection.redis.del(this.#heartbeat),
      this.#subscriber.status === 'ready' ? this.#subscriber.unsubscribe() : undefined,
    ]);
    await Promise.race([withdrawals, sleep(this.#timers, WITHDRAW_LIMIT_MS, done.signal)]);
    done.abort();
    this.#subscriber.disconnect();
    await this.#connection[Symbol.asyncDispose]();
  }

  /** True when it got through; what failed is told, unless this incarnation has withdrawn. */
  async #beaten(): Promise<boolean> {
    if (this.#withdrawn.signal.aborted) return true;
    if (this.#connection.runId === undefined) return false;
    try {
      await runScript(this.#connection.redis, ANNOUNCE, this.#keys, this.#args);
      return true;
    } catch (error) {
      if (!this.#withdrawn.signal.aborted) this.#onTrouble(error);
      return false;
    }
  }
}
