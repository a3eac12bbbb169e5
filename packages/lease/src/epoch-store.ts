/** What the store knows of epochs, and which incarnation of the store said so. */
export interface EpochReading {
  /** The current epoch; 0 when none was ever minted. */
  readonly epoch: number;
  /** The term it was minted for; null when none was ever minted. */
  readonly term: string | null;
  /** The store's `run_id` at the time of the reading. */
  readonly runId: string;
}

/** What `EpochStore.mint` is asked for. */
export interface MintRequest {
  readonly term: string;
  /** The epoch that must still be current, read *before* the lease was proven (L3). */
  readonly expected: number;
  /** The new epoch must be above this one, whatever the store remembers (L5). */
  readonly floor: number;
  /** The incarnation of the store that `expected` was read from. */
  readonly runId: string;
}

/** The store's answer to a mint. */
export type MintOutcome =
  | { readonly status: 'minted'; readonly epoch: number }
  /** Somebody minted since `expected` was read; `epoch` is current. */
  | { readonly status: 'mismatch'; readonly epoch: number }
  /** Another incarnation of the store answered. */
  | { readonly status: 'store-changed' };

/**
 * What the lease needs of the ledger's store. A rejection of either call means that the outcome
 * is unknown. Every promise must settle: the store bounds its own waiting.
 */
export interface EpochStore {
  /** `run_id` of the store on the present connection; undefined while there is none. */
  readonly runId: string | undefined;
  /** Monotonic ms (of the lease's clock) of the store's last answer of any kind (L10). */
  readonly lastAnswerMs: number;
  readEpoch(): Promise<EpochReading>;
  /** Idempotent by term; sets max(expected, floor) + 1 if `expected` is current (L3). */
  mint(request: MintRequest): Promise<MintOutcome>;
  /** Calls `listener` on every (re)connect with the `run_id` then found. Returns how to stop. */
  onReady(listener: (runId: string) => void): () => void;
}
