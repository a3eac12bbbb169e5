import {
  type CommandConnection,
  commandConnection,
  type ConnectionWatch,
  groupKeys,
  runScript,
  type Script,
} from '@understudy/redis';
import { type Clock, messageOf, systemClock, type UnderstudyError } from '@understudy/runtime';
import { assertCommittable, commitArguments, readCommitReply } from './commit-script.ts';
import { CommitUnknown, LedgerUnavailable } from './errors.ts';
import type { CommitRequest, KeyMaintenance, Ledger, MintOutcome, MintRequest } from './ledger.ts';
import { MintedTerms } from './minted-terms.ts';
import { type LedgerScripts, ledgerScripts } from './scripts.ts';

/** Options of `redisLedger`. */
export interface RedisLedgerOptions {
  /** The store. Its memory policy must be `noeviction`, and it must persist what it acknowledges. */
  readonly url: string;
  readonly group: string;
  /** The connection's name in `CLIENT LIST`. */
  readonly name: string;
  /** How many idempotency keys may be kept; beyond it commits are refused. Default 5,000,000. */
  readonly capacity?: number;
  /** How long a key outlives the need of the lane for it, in ms. Default one hour. */
  readonly windowMs?: number;
  /** How long an effect stays in the log, in ms. Default: for ever. Balances and keys do not change. */
  readonly effectsKeptMs?: number | undefined;
  /** When a reply counts as lost, in ms. Default 1000. */
  readonly commandTimeoutMs?: number;
  /** Scripts that run instead of the ledger's own, for experiments with a protection less. */
  readonly scripts?: Partial<LedgerScripts>;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
  readonly clock?: Clock;
}

const DEFAULT_CAPACITY = 5_000_000;
const DEFAULT_WINDOW_MS = 3_600_000;
/** A fleet that does a thousand jobs a second has sixty thousand from one upkeep to the next. */
const MOST_TRIMMED = 100_000;

/**
 * A ledger in Redis: balances, effect log, epoch and idempotency keys of one group, changed by one
 * script a commit. The connection fails at once when it is down and sends nothing twice.
 */
export function redisLedger(options: RedisLedgerOptions): Ledger {
  return new RedisLedger(options);
}

class RedisLedger implements Ledger {
  readonly #connection: CommandConnection;
  readonly #clock: Clock;
  readonly #scripts: LedgerScripts;
  readonly #keys;
  readonly #capacity: number;
  readonly #windowMs: number;
  readonly #effectsKeptMs: number | undefined;
  readonly #minted = new MintedTerms();
  #lastAnswerMs = Number.NEGATIVE_INFINITY;

  constructor(options: RedisLedgerOptions) {
    const keys = groupKeys(options.group);
    this.#clock = options.clock ?? systemClock;
    this.#scripts = { ...ledgerScripts, ...options.scripts };
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.#windowMs = options.windowMs ?? DEFAULT_WINDOW_MS;
    this.#effectsKeptMs = options.effectsKeptMs;
    const generations = {
      current: `${keys.dedup}:current`,
      previous: `${keys.dedup}:previous`,
      times: `${keys.dedup}:times`,
    };
    this.#keys = {
      epoch: keys.epoch,
      commit: [keys.epoch, generations.current, generations.previous, keys.balances, keys.effects],
      lookup: [generations.current, generations.previous],
      rotate: [generations.current, generations.previous, generations.times],
      trim: [keys.effects],
    };
    this.#connection = commandConnection(options.url, {
      name: options.name,
      watch: options.watch,
      ...(options.commandTimeoutMs === undefined
        ? {}
        : { commandTimeoutMs: options.commandTimeoutMs }),
    });
    this.#connection.onReady(() => this.#answered());
  }

  get runId(): string | undefined {
    return this.#connection.runId;
  }

  get lastAnswerMs(): number {
    return this.#lastAnswerMs;
  }

  ready(signal?: AbortSignal): Promise<void> {
    return this.#connection.ready(signal);
  }

  onReady(listener: (runId: string) => void): () => void {
    return this.#connection.onReady(listener);
  }

  async commit(request: CommitRequest) {
    assertCommittable(request);
    const unknown = (cause: unknown): UnderstudyError =>
      new CommitUnknown(
        `whether job ${JSON.stringify(request.job)} is committed is not known: ${messageOf(cause)}. Ask again with the same key.`,
        { cause, context: { jobId: request.job } },
      );
    const { token } = request;
    if (token && this.runId !== undefined && this.#minted.runIdOf(token) !== this.runId) {
      const currentEpoch = this.#minted.highestEpoch;
      return { status: 'fenced', reason: 'store-changed', currentEpoch } as const;
    }
    const args = commitArguments(request, this.#capacity);
    return readCommitReply(await this.#run(this.#scripts.commit, this.#keys.commit, args, unknown));
  }

  async lookup(key: string) {
    const known = await this.#run(this.#scripts.lookup, this.#keys.lookup, [key], unavailable);
    if (typeof known !== 'string') return null;
    const space = known.indexOf(' ');
    return { position: known.slice(0, space), digest: known.slice(space + 1) };
  }

  async maintain(oldestOutstandingEnqueuedAtMs: number | null): Promise<KeyMaintenance> {
    const oldest = oldestOutstandingEnqueuedAtMs ?? '';
    const args = [oldest, this.#windowMs, this.#capacity];
    const reply = await this.#run(this.#scripts.rotateKeys, this.#keys.rotate, args, unavailable);
    const [dropped, rotated, keys] = reply as [number, number, number];
    if (this.#effectsKeptMs !== undefined) {
      const age = [this.#effectsKeptMs, MOST_TRIMMED];
      await this.#run(this.#scripts.trimEffects, this.#keys.trim, age, unavailable);
    }
    return { dropped, rotated: rotated === 1, keys };
  }

  async readEpoch() {
    const { runId } = this;
    if (runId === undefined) throw unavailable(new Error('not connected'));
    // On a `command` connection nothing is sent twice, so this is an answer of that very run.
    const [epoch, term] = await this.#answer(
      this.#connection.redis.hmget(this.#keys.epoch, 'epoch', 'term'),
      unavailable,
    );
    return { epoch: Number(epoch ?? 0), term: term ?? null, runId };
  }

  async mint({ term, expected, floor, runId }: MintRequest): Promise<MintOutcome> {
    if (this.runId === undefined) throw unavailable(new Error('not connected'));
    if (this.runId !== runId) return { status: 'store-changed' };
    const args = [term, expected, floor];
    const reply = await this.#run(this.#scripts.mint, [this.#keys.epoch], args, unavailable);
    const [minted, epoch] = reply as [number, number];
    if (minted === 0) return { status: 'mismatch', epoch };
    this.#minted.remember({ epoch, term }, runId);
    return { status: 'minted', epoch };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]() as Promise<void>;
  }

  #run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    failure: (cause: unknown) => UnderstudyError,
  ): Promise<unknown> {
    if (this.runId === undefined) return Promise.reject(failure(new Error('not connected')));
    return this.#answer(runScript(this.#connection.redis, script, keys, args), failure);
  }

  async #answer<T>(answer: Promise<T>, failure: (cause: unknown) => UnderstudyError): Promise<T> {
    try {
      const value = await answer;
      this.#answered();
      return value;
    } catch (cause) {
      // An error reply is an answer too: the store lives.
      if (cause instanceof Error && cause.name === 'ReplyError') this.#answered();
      throw failure(cause);
    }
  }

  #answered(): void {
    this.#lastAnswerMs = this.#clock.monotonicMs();
  }
}

function unavailable(cause: unknown): UnderstudyError {
  return new LedgerUnavailable(
    `the ledger's store did not answer: ${messageOf(cause)}. Look at the Redis that REDIS_URL names; asking again is safe.`,
    { cause },
  );
}
