import type { OperationBody } from '@understudy/history';
import { commandConnection, type CommandConnection, connect } from '@understudy/redis';
import { sleep, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { WATCHER_PREFIX } from '../drivers/faulty-redis.ts';
import { EffectLogTrimmed } from '../errors.ts';
import { effectOf, type StreamEntry } from './effect-entry.ts';
import type { EffectSource, LogSize } from './effect-source.ts';
import { REPLY_LIMIT_MS } from './queue-reader.ts';

/** What the follower needs. */
export interface EffectLogOptions {
  /** The data Redis, directly: no fault of a node's link reaches this connection. */
  url: string;
  /** The stream's key. */
  stream: string;
  record(operation: OperationBody): void;
  /**
   * Where others use the log too: the end of the log as the run finds it, from which it is followed,
   * and whose jobs are the run's. Default: the log is the run's, from its first entry on.
   */
  shared?: { readonly from: LogEnd; isOwn(job: string): boolean };
  timers: Timers;
}

/** Where a log ends at a moment. */
export interface LogEnd {
  /** The id of its last entry; `0-0` where there has been none. */
  readonly lastId: string;
  /** How many entries it has ever taken, as the store counts. */
  readonly entriesAdded: number;
  /** How many of them are gone again, deleted one by one or cut off at the beginning. */
  readonly entriesGone: number;
  /** The greatest id that was deleted and not cut off; `0-0` where there is none. */
  readonly deletedId: string;
}

const PAGE = 1000;
/** How long the store may keep a read that finds nothing. */
const BLOCK_MS = 500;
const RECONNECT_PAUSE_MS = 10;

/**
 * Follows a log of effects that is a stream of Redis, while it grows, and reads it once more at the end. Every entry is
 * recorded once, when first seen; one that was seen and is missing at the end is recorded as
 * vanished. It also notices when the store is another incarnation, or an older state, of itself.
 */
export class EffectLog implements EffectSource {
  readonly #options: EffectLogOptions;
  readonly #follower: Redis;
  readonly #reader: CommandConnection;
  /**
   * Identity of an entry → its position. Ids of an older state could come again, with another job.
   * Small, because there is one for every job of the run.
   */
  readonly #seen = new Map<string, number>();
  readonly #ended = new AbortController();
  readonly #following: Promise<void>;
  #position = 0;
  #lastId = '0-0';
  #runId: string | undefined;

  /** Begins to follow at once. */
  constructor(options: EffectLogOptions) {
    this.#options = options;
    this.#lastId = options.shared?.from.lastId ?? this.#lastId;
    this.#follower = connect(options.url, {
      purpose: 'observe',
      name: `${WATCHER_PREFIX}follower`,
    });
    this.#reader = commandConnection(options.url, {
      name: `${WATCHER_PREFIX}reader`,
      commandTimeoutMs: REPLY_LIMIT_MS,
    });
    this.#reader.onReady((runId) => void this.#meet(runId));
    this.#following = this.#follow();
  }

  /**
   * Stops following and reads the whole log. Rejects when the store does not answer, or keeps effects
   * for less long than the run has lasted: then there is no end to record.
   */
  async finish(): Promise<LogSize> {
    await this.#stop();
    await this.#answering();
    const { redis } = this.#reader;
    const { stream, shared } = this.#options;
    const present = new Set<number>();
    let others = 0;
    // Where others go on writing the end is the one that the store tells together with the count.
    const end = await logEnd(redis, stream);
    if (shared && isTrimmedSince(shared.from, end)) {
      throw new EffectLogTrimmed(
        `the effect log ${stream} no longer holds what was written when the run began: its workers keep effects for less long than the run has lasted. Make a shorter run, or start them with a greater UNDERSTUDY_EFFECTS_KEPT_MS.`,
      );
    }
    let from = shared ? `(${shared.from.lastId}` : '-';
    for (;;) {
      const page: StreamEntry[] = await redis.xrange(
        stream,
        from,
        shared ? end.lastId : '+',
        'COUNT',
        PAGE,
      );
      for (const entry of page) {
        if (!this.#isOwn(entry)) {
          others += 1;
          continue;
        }
        present.add(this.#takeOwn(entry, 'final'));
      }
      const last = page.at(-1);
      if (!last) break;
      from = `(${last[0]}`;
    }
    for (const [key, position] of this.#seen) {
      if (present.has(position)) continue;
      const [id, job] = partsOf(key);
      const body = { op: 'vanished', type: 'info', process: 'ledger', job, id, position } as const;
      this.#options.record(body);
    }
    if (!shared) {
      const { entriesAdded } = await logEnd(redis, stream);
      return { entriesAdded, entriesRead: present.size };
    }
    return {
      entriesAdded: end.entriesAdded - shared.from.entriesAdded,
      entriesRead: present.size + others,
      entriesOfOthers: others,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#reader[Symbol.asyncDispose]();
  }

  async #stop(): Promise<void> {
    if (!this.#ended.signal.aborted) {
      this.#ended.abort();
      // Once only: on a closed connection ioredis waits two seconds for a close that has been.
      this.#follower.disconnect();
    }
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { stream, timers } = this.#options;
    while (!this.#ended.signal.aborted) {
      try {
        const reply = await orAborted(
          this.#follower.xread(
            ...(['COUNT', PAGE, 'BLOCK', BLOCK_MS, 'STREAMS', stream, this.#lastId] as const),
          ),
          // A connection that is ended while it reconnects never settles what it had to ask.
          this.#ended.signal,
        );
        for (const [, entries] of reply ?? []) {
          for (const entry of entries) this.#take(entry);
        }
      } catch {
        // Not connected, or a store that is still loading its data: ask again.
        await sleep(timers, RECONNECT_PAUSE_MS, this.#ended.signal);
      }
    }
  }

  /** Waits, not for ever, until the store can be asked. */
  async #answering(): Promise<void> {
    const asked = new AbortController();
    const limit = new AbortController();
    void sleep(this.#options.timers, REPLY_LIMIT_MS, asked.signal).then(() => limit.abort());
    await this.#reader.ready(limit.signal);
    asked.abort();
  }

  /** Records an entry that is followed, unless it is of a job of others. */
  #take(entry: StreamEntry): void {
    this.#lastId = entry[0];
    if (this.#isOwn(entry)) this.#takeOwn(entry, 'live');
  }

  /** Whether it is of a job of the run; read twice only where the log is shared. */
  #isOwn(entry: StreamEntry): boolean {
    const { shared } = this.#options;
    return shared === undefined || shared.isOwn(effectOf(entry, 1, 'live').job);
  }

  /** Records an entry unless it was seen before; returns its position. */
  #takeOwn(entry: StreamEntry, source: 'live' | 'final'): number {
    const effect = effectOf(entry, this.#position + 1, source);
    const key = identity(entry[0], effect.job);
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    this.#position += 1;
    this.#seen.set(key, this.#position);
    this.#options.record(effect);
    return this.#position;
  }

  /** Called on every connection with the incarnation of the store that was found. */
  async #meet(runId: string): Promise<void> {
    const before = this.#runId;
    this.#runId = runId;
    if (before === undefined || before === runId || this.#ended.signal.aborted) return;
    const tell = (event: 'restarted' | 'regressed'): void =>
      this.#options.record({ op: 'store', type: 'info', process: 'ledger', event, runId });
    tell('restarted');
    if (this.#seen.size === 0) return;
    const lastId = this.#lastId;
    const found = await this.#reader.redis
      .xrange(this.#options.stream, lastId, lastId)
      .catch(() => undefined);
    // Where it does not answer nothing is claimed: the read at the end will find out.
    if (found?.length === 0 && !this.#ended.signal.aborted) tell('regressed');
  }
}

/** Whether a log was cut off beyond where it ended at `from`. What was deleted is another matter. */
function isTrimmedSince(from: LogEnd, end: LogEnd): boolean {
  return end.entriesGone > from.entriesAdded && end.deletedId === from.deletedId;
}

/** Where the log ends now, in one answer of the store. Rejects when it does not answer. */
export async function logEnd(redis: Redis, stream: string): Promise<LogEnd> {
  try {
    const info = (await redis.xinfo('STREAM', stream)) as unknown[];
    const field = (name: string): string => String(info[info.indexOf(name) + 1]);
    const entriesAdded = Number(field('entries-added'));
    const entriesGone = entriesAdded - Number(field('length'));
    const deletedId = field('max-deleted-entry-id');
    return { lastId: field('last-generated-id'), entriesAdded, entriesGone, deletedId };
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) {
      return { lastId: '0-0', entriesAdded: 0, entriesGone: 0, deletedId: '0-0' };
    }
    throw error;
  }
}

/**
 * What was promised, or null as soon as `signal` aborts. (A race against one promise that lives as
 * long as the run would keep every answer of the run.)
 */
async function orAborted<T>(promised: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const aborted = Promise.withResolvers<null>();
  const abort = (): void => aborted.resolve(null);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promised, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function identity(id: string, job: string): string {
  return `${id} ${job}`;
}

/** Id and job: an id has no space in it. */
function partsOf(key: string): [id: string, job: string] {
  const space = key.indexOf(' ');
  return [key.slice(0, space), key.slice(space + 1)];
}
