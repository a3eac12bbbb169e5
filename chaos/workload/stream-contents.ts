import { commandConnection, type CommandConnection } from '@understudy/redis';
import { WATCHER_PREFIX } from '../drivers/faulty-redis.ts';
import { readBalances } from './balances.ts';
import type { QueuePlace } from './bullmq-enqueuer.ts';
import { type QueueReader, type QueueRest, REPLY_LIMIT_MS } from './queue-reader.ts';
import { parkedKey, streamKey } from './stream-place.ts';

/** Which stream is looked into. */
export interface StreamContentsOptions extends QueuePlace {
  /**
   * The group of this repository's workers that work on it: its ledger keeps balances, and what it puts
   * aside is in the stream beside this one or nowhere. Undefined: workers of somebody else's.
   */
  readonly ledgerOf?: string | undefined;
}

const PAGE = 1000;

/** An entry's id and its fields, in turn. */
type Entry = readonly [id: string, fields: readonly string[]];

/** A consumer group as far as one looks at it. */
interface Group {
  readonly name: string;
  /** Entries after this one were given to nobody yet. */
  readonly lastDeliveredId: string;
}

/** The jobs that are in a stream and not done. */
interface Undone {
  /** Entry id → job, of entries given to a consumer and not acknowledged. */
  readonly delivered: ReadonlyMap<string, string>;
  /** Entry id → job, of entries that were given to nobody. */
  readonly waiting: ReadonlyMap<string, string>;
}

/**
 * Reads what a stream of jobs holds. What is done is what every consumer group has acknowledged:
 * entries stay in a stream, so that without a group nobody can tell which of them are done. What was put
 * aside is in a stream beside it; where a worker of somebody else's has none, nobody can tell from here.
 * Methods reject when Redis does not answer.
 */
export class StreamContents implements QueueReader {
  readonly #connection: CommandConnection;
  readonly #key: string;
  readonly #parkedKey: string;
  readonly #ledgerOf: string | undefined;

  constructor(options: StreamContentsOptions) {
    this.#key = streamKey(options);
    this.#parkedKey = parkedKey(options);
    this.#ledgerOf = options.ledgerOf;
    this.#connection = commandConnection(options.url, {
      name: `${WATCHER_PREFIX}queue-reader`,
      commandTimeoutMs: REPLY_LIMIT_MS,
    });
  }

  /** Resolves when Redis can be asked, or as `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#connection.ready(signal);
  }

  async outstanding(): Promise<number | undefined> {
    const undone = await this.#undone();
    return undone && undone.delivered.size + undone.waiting.size;
  }

  async parked(): Promise<readonly string[]> {
    return (await this.#parked()) ?? [];
  }

  async rest(): Promise<QueueRest> {
    const undone = await this.#undone();
    const parkedJobs = await this.#parked();
    const ledger = this.#ledgerOf;
    const others = {
      parkedJobs,
      balances:
        ledger === undefined ? undefined : await readBalances(this.#connection.redis, ledger),
    };
    const parked: Record<string, number> = parkedJobs ? { parked: parkedJobs.length } : {};
    if (!undone) return { counts: parked, pendingJobs: undefined, ...others };
    const { delivered, waiting } = undone;
    return {
      counts: { waiting: waiting.size, delivered: delivered.size, ...parked },
      pendingJobs: [...new Set([...delivered.values(), ...waiting.values()])],
      ...others,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  /** The jobs put aside, each as often as it was; undefined where nobody can tell. */
  async #parked(): Promise<readonly string[] | undefined> {
    const jobs: string[] = [];
    for await (const [, job] of this.#from(this.#parkedKey, '-')) jobs.push(job);
    const isTold = jobs.length > 0 || this.#ledgerOf !== undefined;
    return isTold ? jobs : undefined;
  }

  async #undone(): Promise<Undone | undefined> {
    const groups = await this.#groups();
    // Where there is no stream, there is nothing in it.
    if (!groups) return { delivered: new Map(), waiting: new Map() };
    if (groups.length === 0) return undefined;
    const delivered = new Map<string, string>();
    const waiting = new Map<string, string>();
    for (const { name, lastDeliveredId } of groups) {
      const undelivered = this.#from(this.#key, `(${lastDeliveredId}`);
      for await (const [id, job] of undelivered) waiting.set(id, job);
      for await (const id of this.#delivered(name)) delivered.set(id, await this.#jobAt(id));
    }
    for (const id of waiting.keys()) delivered.delete(id);
    return { delivered, waiting };
  }

  /** The consumer groups; undefined where there is no stream. */
  async #groups(): Promise<readonly Group[] | undefined> {
    try {
      const groups = (await this.#connection.redis.xinfo('GROUPS', this.#key)) as unknown[][];
      return groups.map((fields) => ({
        name: fieldOf(fields, 'name'),
        lastDeliveredId: fieldOf(fields, 'last-delivered-id'),
      }));
    } catch (error) {
      if (error instanceof Error && error.message.includes('no such key')) return undefined;
      throw error;
    }
  }

  /** Entries of a stream from an id on, as id and job. */
  async *#from(key: string, start: string): AsyncGenerator<readonly [string, string]> {
    const { redis } = this.#connection;
    for (let from = start; ;) {
      const page: Entry[] = await redis.xrange(key, from, '+', 'COUNT', PAGE);
      for (const entry of page) yield [entry[0], jobOf(entry)];
      const last = page.at(-1);
      if (!last) return;
      from = `(${last[0]}`;
    }
  }

  /** Ids of the entries that a group has given out and not seen acknowledged. */
  async *#delivered(group: string): AsyncGenerator<string> {
    for (let from = '-'; ;) {
      const page = (await this.#connection.redis.xpending(
        ...([this.#key, group, from, '+', PAGE] as const),
      )) as [id: string, ...unknown[]][];
      for (const [id] of page) yield id;
      const last = page.at(-1);
      if (!last) return;
      from = `(${last[0]}`;
    }
  }

  async #jobAt(id: string): Promise<string> {
    const [entry] = (await this.#connection.redis.xrange(this.#key, id, id)) as Entry[];
    return entry ? jobOf(entry) : `(deleted entry ${id})`;
  }
}

/** Redis answers with names and values in turn; with RESP3 ioredis gives the same list. */
function fieldOf(fields: readonly unknown[], name: string): string {
  return String(fields[fields.indexOf(name) + 1]);
}

function jobOf([id, fields]: Entry): string {
  const at = fields.findIndex((field, i) => i % 2 === 0 && field === 'id');
  return at === -1 ? `(entry ${id} has no id)` : (fields[at + 1] ?? '');
}
