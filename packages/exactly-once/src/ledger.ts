import type { FencingToken } from './fencing-token.ts';

/** One booking of an effect. */
export interface Credit {
  readonly account: string;
  /** A safe integer; negative amounts debit. */
  readonly amountCents: number;
}

/**
 * The number that a job's producer gave it: the producer counts its jobs 0, 1, 2, …, each once, and a
 * job has the same number however often it is enqueued. A producer that cannot know how far it had
 * counted, as after a restart, takes another id.
 */
export interface JobSequence {
  /** Id of the producer, or of one start of it; not empty. */
  readonly producer: string;
  /** A safe integer, from 0. */
  readonly number: number;
}

/** What a job does to the ledger, and on whose authority. */
export interface CommitRequest {
  /** The job's id as the caller gave it; it stands in the effect log. */
  readonly job: string;
  /** Idempotency key: the caller's job id. `null` only in an uncoordinated fleet (no protection). */
  readonly key: string | null;
  /**
   * Takes the place of the key's digest where the job's producer counts: what is remembered of the job
   * is one bit or less, and neither where its effect stands nor its input. So a duplicate comes without
   * a position, and another job with the same number is a duplicate as well, never a conflict. Without
   * effect where `key` is `null`. A job must come with it always or never.
   */
  readonly sequence?: JobSequence | undefined;
  /** Digest of the job's input: the same key with another digest is a conflict. */
  readonly digest: string;
  /** The term this is committed under; `null` where the group has no leader. */
  readonly token: FencingToken | null;
  readonly node: string;
  readonly incarnation: string;
  readonly credits: readonly Credit[];
}

/**
 * What became of a commit (C1).
 *
 * - `applied`: credits booked, effect appended at `position` (its stream id), key recorded.
 * - `duplicate`: the key was applied before, at `position`; nothing happened now. `tokenCurrent`
 *   is the second answer (L4): whether the token would have been accepted.
 * - `conflict`: the key was applied before with another input; nothing happened now. Jobs of a producer
 *   that counts are never told it: of those the input is not remembered.
 * - `fenced`: `stale-token` another term is current; `token-required` the group has epochs and the
 *   request has no token; `store-changed` the store is not the one this token was minted at (L5),
 *   nothing was sent.
 * - `capacity`: `keys` keys are kept and no more may be; nothing happened (C2).
 *
 * `position` is `null` where it is not remembered: with a producer's number, and where the store's
 * clock stood before the opening of the keys' generation.
 */
export type CommitOutcome =
  | { readonly status: 'applied'; readonly position: string }
  | {
      readonly status: 'duplicate';
      readonly position: string | null;
      readonly tokenCurrent: boolean;
    }
  | { readonly status: 'conflict'; readonly position: string | null }
  | {
      readonly status: 'fenced';
      readonly reason: 'stale-token' | 'token-required' | 'store-changed';
      readonly currentEpoch: number;
    }
  | { readonly status: 'capacity'; readonly keys: number };

/** Who may commit at present, as the store knows it. */
export interface EpochReading {
  /** 0 when none was ever minted. */
  readonly epoch: number;
  readonly term: string | null;
  /** The store's `run_id` when it was read. */
  readonly runId: string;
}

/** A wish to be the current term (L3). */
export interface MintRequest {
  readonly term: string;
  /** The epoch read *before* the lease was proved. */
  readonly expected: number;
  /** The highest epoch known anywhere: the new one is above it. */
  readonly floor: number;
  /** The store's `run_id` at that reading. */
  readonly runId: string;
}

/**
 * `minted`: the term is current with that epoch (also when it was already). `mismatch`: another
 * epoch is current than expected. `store-changed`: the connection leads to another run of the
 * store; nothing was sent, or its answer proves nothing.
 */
export type MintOutcome =
  | { readonly status: 'minted'; readonly epoch: number }
  | { readonly status: 'mismatch'; readonly epoch: number }
  | { readonly status: 'store-changed' };

/** What `maintain` did to the kept keys. */
export interface KeyMaintenance {
  /** Keys dropped with their generation. */
  readonly dropped: number;
  /** Whether the current generation was closed and a new one begun. */
  readonly rotated: boolean;
  /** Keys kept now, producers' pages included as they count against the capacity. */
  readonly keys: number;
}

/** Where effects live: applies each exactly once, and only for the current term. */
export interface Ledger extends AsyncDisposable {
  /**
   * Commits atomically. Requests made while others are on their way travel together; each has its own
   * outcome.
   * @throws {CommitUnknown} rejected, timed out or not connected: it may or may not be applied
   * @throws {InvalidCommit} the request itself is wrong; nothing was sent
   */
  commit(request: CommitRequest): Promise<CommitOutcome>;
  /**
   * Whether a job took effect, as far as is remembered.
   * @param sequence as it stands in its commit
   * @returns its effect's stream id where that is remembered; `null` when the job is not known
   * @throws {LedgerUnavailable}
   */
  lookup(key: string, sequence?: JobSequence): Promise<{ readonly position: string | null } | null>;
  /** Resolves when connected, or as `signal` aborts. */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * Drops the keys and producers that no job can need any more and begins a new generation when it is time; effects
   * that are older than they are kept leave the log. To be called every now and then by anybody.
   * @param oldestOutstandingEnqueuedAtMs enqueue time (ms since 1970) of the oldest job the lane
   *   may still deliver; `null` when it has none
   * @throws {LedgerUnavailable}
   */
  maintain(oldestOutstandingEnqueuedAtMs: number | null): Promise<KeyMaintenance>;
  /** The store's `run_id` on the present connection; `undefined` while not connected. */
  readonly runId: string | undefined;
  /** @throws {LedgerUnavailable} */
  readEpoch(): Promise<EpochReading>;
  /** L3. @throws {LedgerUnavailable} outcome unknown; asking again with the same term is safe */
  mint(request: MintRequest): Promise<MintOutcome>;
  /** Calls `listener` on every (re)connect with the `run_id` found. Returns how to stop. */
  onReady(listener: (runId: string) => void): () => void;
  /** Monotonic ms of the store's last answer of any kind (L10); `-Infinity` before the first. */
  readonly lastAnswerMs: number;
}
