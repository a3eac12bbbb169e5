import type { FencingToken } from './fencing-token.ts';

/**
 * What made the lease free to take: nobody held it; the holder's presence was gone; the holder's
 * heartbeat was silent; its time ran out; an earlier try of this incarnation held it.
 */
export type ElectedVia = 'free' | 'presence' | 'silence' | 'expiry' | 'own';

/**
 * Why a term ended: its own deadline passed (L2); the ledger refused its token or has a newer
 * epoch (L6); a quorum of lock nodes has another holder; the store restarted (L5); the ledger did
 * not answer, so the lease was not extended (L10); `stop()` was called (L11).
 */
export type DeposedReason =
  'deadline' | 'fenced' | 'lost' | 'store-changed' | 'ledger-silent' | 'released';

/** What a lease tells its owner, in order. Every `elected` is followed by one `deposed`. */
export type LeaseChange =
  | {
      readonly type: 'elected';
      readonly token: FencingToken;
      /** Aborted the moment this term ends, for whatever reason, before `deposed` is told. */
      readonly signal: AbortSignal;
      readonly via: ElectedVia;
      /**
       * Since when, on the lease's monotonic clock, this node saw that the lease could be had: from
       * then until now the takeover took.
       */
      readonly vacantSinceMs: number;
    }
  | { readonly type: 'deposed'; readonly token: FencingToken; readonly reason: DeposedReason }
  /** The store has lost epochs that the fleet remembers: it lost other data, too. */
  | {
      readonly type: 'ledger-regressed';
      readonly storeEpoch: number;
      readonly knownEpoch: number;
    };

/** One line for a log: a constant message and its fields. */
export type LeaseLogEvent =
  | { readonly message: 'lease stage'; readonly stage: string; readonly term: string | undefined }
  | { readonly message: 'lock node failed'; readonly lockNode: number; readonly error: string }
  | { readonly message: 'ledger failed'; readonly call: 'read' | 'mint'; readonly error: string }
  | { readonly message: 'false takeover'; readonly term: string };
