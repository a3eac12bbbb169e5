import { commandConnection, type CommandConnection } from '@understudy/redis';
import type { Redis } from 'ioredis';
import { WATCHER_PREFIX } from '../drivers/faulty-redis.ts';
import { readBalances } from './balances.ts';
import type { QueuePlace } from './bullmq-enqueuer.ts';
import { type QueueReader, type QueueRest, REPLY_LIMIT_MS } from './queue-reader.ts';

/** Which queue is looked into. */
export interface QueueContentsOptions extends QueuePlace {
  /** Whose ledger keeps the balances. */
  group: string;
  /** Where others use the queue too: whether a job, by its payment's id, is the run's. */
  isOwn?(id: string): boolean;
}

/** BullMQ's lists and sorted sets, and in which a job still waits. */
const STATES = {
  wait: { list: true, pending: true },
  active: { list: true, pending: true },
  paused: { list: true, pending: true },
  delayed: { list: false, pending: true },
  prioritized: { list: false, pending: true },
  'waiting-children': { list: false, pending: true },
  failed: { list: false, pending: false },
  completed: { list: false, pending: false },
} as const;
type State = keyof typeof STATES;
const ALL = Object.keys(STATES) as readonly State[];
const PENDING = ALL.filter((state) => STATES[state].pending);

const PAGE = 1000;

/**
 * Reads what a queue of BullMQ holds, at Redis itself: a job whose data is not JSON, which BullMQ's own
 * reader would throw at, is just one more job. Methods reject when Redis does not answer.
 */
export class QueueContents implements QueueReader {
  readonly #connection: CommandConnection;
  readonly #options: QueueContentsOptions;

  constructor(options: QueueContentsOptions) {
    this.#options = options;
    this.#connection = commandConnection(options.url, {
      name: `${WATCHER_PREFIX}queue-reader`,
      commandTimeoutMs: REPLY_LIMIT_MS,
    });
  }

  /** How many jobs wait or are being worked on. */
  async outstanding(): Promise<number> {
    if (this.#options.isOwn) return (await this.#pending()).length;
    const sizes = await this.#sizes(PENDING);
    return Object.values(sizes).reduce((sum, size) => sum + size, 0);
  }

  /** Ids of the payments that were put aside. */
  async parked(): Promise<readonly string[]> {
    return this.#payments(await this.#failed());
  }

  /** Everything that the end of a run records of the queue. */
  async rest(): Promise<QueueRest> {
    const { wait, ...others } = await this.#sizes(ALL);
    return {
      counts: { waiting: wait, ...others },
      pendingJobs: await this.#pending(),
      parkedJobs: await this.parked(),
      balances: await readBalances(this.#redis, this.#options.group),
    };
  }

  /** Read in one moment: a job that goes from one list to another meanwhile would be in neither. */
  async #pending(): Promise<readonly string[]> {
    const reading = this.#redis.multi();
    for (const state of PENDING) {
      if (STATES[state].list) reading.lrange(this.#key(state), 0, -1);
      else reading.zrange(this.#key(state), 0, '-1');
    }
    const pending = new Set<string>();
    for (const [error, members] of (await reading.exec()) ?? []) {
      if (error) throw error;
      for (const id of members as string[]) pending.add(id);
    }
    return this.#payments([...pending]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  get #redis(): Redis {
    return this.#connection.redis;
  }

  /** Resolves when Redis can be asked, or as `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#connection.ready(signal);
  }

  #key(name: string): string {
    return `${this.#options.prefix}:${this.#options.queue}:${name}`;
  }

  async #sizes<S extends State>(states: readonly S[]): Promise<Record<S, number>> {
    const sizes = await Promise.all(
      states.map((state) =>
        STATES[state].list
          ? this.#redis.llen(this.#key(state))
          : this.#redis.zcard(this.#key(state)),
      ),
    );
    const entries = states.map((state, i) => [state, sizes[i] ?? 0] as const);
    return Object.fromEntries(entries) as Record<S, number>;
  }

  async #failed(): Promise<readonly string[]> {
    const members: string[] = [];
    for (let from = 0; ; from += PAGE) {
      const page = await this.#redis.zrange(this.#key('failed'), from, String(from + PAGE - 1));
      members.push(...page);
      if (page.length < PAGE) return members;
    }
  }

  /** The run's payments' ids of the queue's own ids; the latter where the data tells none. */
  async #payments(queueIds: readonly string[]): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let from = 0; from < queueIds.length; from += PAGE) {
      const page = queueIds.slice(from, from + PAGE);
      const data = await Promise.all(page.map((id) => this.#redis.hget(this.#key(id), 'data')));
      ids.push(...page.map((queueId, i) => paymentId(data[i]) ?? `(queue id ${queueId})`));
    }
    const { isOwn } = this.#options;
    return isOwn ? ids.filter((id) => isOwn(id)) : ids;
  }
}

function paymentId(data: string | null | undefined): string | undefined {
  try {
    const { id } = JSON.parse(data ?? '') as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
