import {
  type CommandConnection,
  commandConnection,
  type ConnectionWatch,
  groupKeys,
  runScript,
  type Script,
  type ScriptArgument,
} from '@understudy/redis';
import {
  type BatchBounds,
  Batches,
  type Clock,
  invariant,
  messageOf,
  systemClock,
  type UnderstudyError,
} from '@understudy/runtime';
import {
  assertCommittable,
  commitArguments,
  commitBytes,
  type CommitLimits,
  readCommitReplies,
} from './commit-script.ts';
import { CommitUnknown, LedgerUnavailable } from './errors.ts';
import { keyIdentity } from './key-digest.ts';
import type {
  CommitOutcome,
  CommitRequest,
  JobSequence,
  KeyMaintenance,
  Ledger,
  MintOutcome,
  MintRequest,
} from './ledger.ts';
import { maintainKeys } from './key-maintenance.ts';
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
  /**
   * How many keys stand in a bucket, 1 to 200. Default 64. Keys take little memory only as long as the
   * fullest bucket, about three times this, is within the server's `hash-max-listpack-entries`.
   */
  readonly bucketSize?: number;
  /** How long a key outlives the need of the lane for it, in ms. Default one hour. */
  readonly windowMs?: number;
  /** How long an effect stays in the log, in ms. Default: for ever. Balances and keys do not change. */
  readonly effectsKeptMs?: number | undefined;
  /** When a reply counts as lost, in ms. Default 1000. */
  readonly commandTimeoutMs?: number;
  /** Scripts that run instead of the ledger's own, for experiments with a protection less. */
  readonly scripts?: Partial<LedgerScripts>;
  /** Told of trouble with the connection, which is opened anew by itself. Default: nobody is told. */
  readonly onTrouble?: (error: unknown) => void;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
  readonly clock?: Clock;
}

const DEFAULT_CAPACITY = 5_000_000;
const DEFAULT_WINDOW_MS = 3_600_000;
/** With twice as many a key takes a byte less, and a commit looks through twice as many. */
const DEFAULT_BUCKET_SIZE = 64;
/** The script moves half of a bucket at once, and Lua hands a call some 8000 arguments at most. */
const LARGEST_BUCKET_SIZE = 200;
/** The store is busy with a batch for a few ms at most. */
const BATCH_BOUNDS: BatchBounds = { mostRequests: 256, mostBytes: 131_072, overlapFrom: 64 };

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
  readonly #limits: CommitLimits;
  readonly #batches;
  readonly #windowMs: number;
  readonly #effectsKeptMs: number | undefined;
  readonly #minted = new MintedTerms();
  #lastAnswerMs = Number.NEGATIVE_INFINITY;

  constructor(options: RedisLedgerOptions) {
    const keys = groupKeys(options.group);
    this.#clock = options.clock ?? systemClock;
    this.#scripts = { ...ledgerScripts, ...options.scripts };
    const bucketSize = options.bucketSize ?? DEFAULT_BUCKET_SIZE;
    invariant(
      Number.isInteger(bucketSize) && bucketSize >= 1 && bucketSize <= LARGEST_BUCKET_SIZE,
      `a bucket holds 1 to ${LARGEST_BUCKET_SIZE} keys, not ${bucketSize}`,
    );
    this.#limits = { capacity: options.capacity ?? DEFAULT_CAPACITY, bucketSize };
    this.#windowMs = options.windowMs ?? DEFAULT_WINDOW_MS;
    this.#effectsKeptMs = options.effectsKeptMs;
    this.#keys = {
      epoch: keys.epoch,
      commit: [keys.epoch, keys.dedup, keys.balances, keys.effects],
      kept: [keys.dedup],
      trim: [keys.effects],
    };
    this.#batches = new Batches(BATCH_BOUNDS, commitBytes, (requests: readonly CommitRequest[]) =>
      this.#commitTogether(requests),
    );
    this.#connection = commandConnection(options.url, {
      name: options.name,
      watch: options.watch,
      ...(options.onTrouble === undefined ? {} : { onError: options.onTrouble }),
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

  commit(request: CommitRequest): Promise<CommitOutcome> {
    try {
      assertCommittable(request);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#batches.ask(request);
  }

  /** Sends what may be sent: terms are looked at just before, not when their requests were made. */
  async #commitTogether(requests: readonly CommitRequest[]): Promise<(CommitOutcome | Error)[]> {
    const outcomes = requests.map((request) => this.#storeChanged(request));
    const sent = requests.filter((_, i) => !outcomes[i]);
    if (sent.length === 0) return outcomes as CommitOutcome[];
    const args = commitArguments(sent, this.#limits);
    const replies = await this.#run(
      this.#scripts.commit,
      this.#keys.commit,
      args,
      (cause) => cause as Error,
    )
      .then(readCommitReplies)
      .catch((cause: unknown) => sent.map(() => cause));
    let next = 0;
    return outcomes.map((outcome, i) => {
      if (outcome) return outcome;
      const reply = replies[next++];
      return reply instanceof Error ? unknownCommit(requests[i], reply) : (reply as CommitOutcome);
    });
  }

  #storeChanged({ token }: CommitRequest): CommitOutcome | undefined {
    if (!token || this.runId === undefined) return undefined;
    if (this.#minted.runIdOf(token) === this.runId) return undefined;
    const currentEpoch = this.#minted.highestEpoch;
    return { status: 'fenced', reason: 'store-changed', currentEpoch };
  }

  async lookup(key: string, sequence?: JobSequence) {
    const args = [keyIdentity(key), sequence?.producer ?? '', sequence?.number ?? ''];
    const known = await this.#run(this.#scripts.lookup, this.#keys.kept, args, unavailable);
    if (typeof known !== 'string') return null;
    return { position: known === '' ? null : known };
  }

  maintain(oldestOutstandingEnqueuedAtMs: number | null): Promise<KeyMaintenance> {
    return maintainKeys(
      { scripts: this.#scripts, kept: this.#keys.kept, effects: this.#keys.trim },
      {
        oldestMs: oldestOutstandingEnqueuedAtMs,
        windowMs: this.#windowMs,
        capacity: this.#limits.capacity,
        effectsKeptMs: this.#effectsKeptMs,
      },
      (script, keys, args) => this.#run(script, keys, args, unavailable),
    );
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
    args: readonly ScriptArgument[],
    failure: (cause: unknown) => Error,
  ): Promise<unknown> {
    if (this.runId === undefined) return Promise.reject(failure(new Error('not connected')));
    return this.#answer(runScript(this.#connection.redis, script, keys, args), failure);
  }

  async #answer<T>(answer: Promise<T>, failure: (cause: unknown) => Error): Promise<T> {
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

function unknownCommit(request: CommitRequest | undefined, cause: unknown): CommitUnknown {
  const jobId = request?.job;
  return new CommitUnknown(
    `whether job ${JSON.stringify(jobId)} is committed is not known: ${messageOf(cause)}. Ask again with the same key.`,
    { cause, context: { jobId } },
  );
}

function unavailable(cause: unknown): UnderstudyError {
  return new LedgerUnavailable(
    `the ledger's store did not answer: ${messageOf(cause)}. Look at the Redis that REDIS_URL names; asking again is safe.`,
    { cause },
  );
}
