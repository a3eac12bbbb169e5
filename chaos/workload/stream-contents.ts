import { commandConnection, type CommandConnection } from '@understudy/redis';
import { WATCHER_PREFIX } from '../drivers/faulty-redis.ts';
import type { QueuePlace } from './bullmq-enqueuer.ts';
import type { QueueReader, QueueRest } from './queue-reader.ts';
import { streamKey } from './stream-place.ts';

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
 * entries stay in a stream, so that without a group nobody can tell which of them are done. What was
 * put aside, and balances, a stream does not know. Methods reject when Redis does not answer.
 */
export class StreamContents implements QueueReader {
  readonly #connection: CommandConnection;
  readonly #key: string;

  constructor(place: QueuePlace) {
    this.#key = streamKey(place);
    this.#connection = commandConnection(place.url, { name: `${WATCHER_PREFIX}queue-reader` });
  }

  /** Resolves when Redis can be asked, or as `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#connection.ready(signal);
  }

  async outstanding(): Promise<number | undefined> {
    const undone = await this.#undone();
    return undone && undone.delivered.size + undone.waiting.size;
  }

  parked(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async rest(): Promise<QueueRest> {
    const undone = await this.#undone();
    const unknown = { parkedJobs: undefined, balances: undefined };
    if (!undone) return { counts: {}, pendingJobs: undefined, ...unknown };
    const { delivered, waiting } = undone;
    return {
      counts: { waiting: waiting.size, delivered: delivered.size },
      pendingJobs: [...new Set([...delivered.values(), ...waiting.values()])],
      ...unknown,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #undone(): Promise<Undone | undefined> {
    const groups = await this.#groups();
    if (groups.length === 0) return undefined;
    const delivered = new Map<string, string>();
    const waiting = new Map<string, string>();
    for (const { name, lastDeliveredId } of groups) {
      for await (const [id, job] of this.#from(`(${lastDeliveredId}`)) waiting.set(id, job);
      for await (const id of this.#delivered(name)) delivered.set(id, await this.#jobAt(id));
    }
    for (const id of waiting.keys()) delivered.delete(id);
    return { delivered, waiting };
  }

  async #groups(): Promise<readonly Group[]> {
    try {
      const groups = (await this.#connection.redis.xinfo('GROUPS', this.#key)) as unknown[][];
      return groups.map((fields) => ({
        name: fieldOf(fields, 'name'),
        lastDeliveredId: fieldOf(fields, 'last-delivered-id'),
      }));
    } catch (error) {
      // Nobody has enqueued anything, or made a group.
      if (error instanceof Error && error.message.includes('no such key')) return [];
      throw error;
    }
  }

  /** Entries from an id on, as id and job. */
  async *#from(start: string): AsyncGenerator<readonly [string, string]> {
    for (let from = start; ;) {
      const page: Entry[] = await this.#connection.redis.xrange(
        this.#key,
        from,
        '+',
        'COUNT',
        PAGE,
      );
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
