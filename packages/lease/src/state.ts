import type { EpochReading, MintOutcome, MintRequest } from './epoch-store.ts';
import type { FencingToken } from './fencing-token.ts';
import type { DeposedReason, ElectedVia } from './lease-change.ts';
import type { GlanceAnswer, NodeView, ProbeAnswer, SeenLock } from './lock-view.ts';
import type { LeaseSettings } from './settings.ts';

/**
 * What survives a change of stage: knowledge of the lock nodes and of the store.
 */
export interface Memory {
  readonly settings: LeaseSettings;
  readonly nodes: readonly NodeView[];
  /** How many contend for this lease, the holder included, as the last glance had it; 1 before. */
  readonly contenders: number;
  /** The last answer to `readEpoch`. A mint may use it if it came before the acquire was sent. */
  readonly reading: EpochReading | undefined;
  /** The periodic look at the store (L10): when it is due, and whether one is under way. */
  readonly checkDueMs: number;
  readonly checking: boolean;
  /** The highest epoch heard of anywhere: lock nodes, store, own terms. The floor of a mint. */
  readonly highestEpoch: number;
  /** What `highestEpoch` was when the store was last looked at. */
  readonly checkedAtEpoch: number;
  /** Tries that failed since the last success: widens the back-off. */
  readonly failures: number;
  /**
   * Since when, as far as this node saw, the lease could be had; undefined while somebody has it.
   * Nothing is decided by it: it is told with the election.
   */
  readonly vacantSinceMs: number | undefined;
}

/** One look at all lock nodes. */
export interface Round {
  readonly waitingFor: readonly number[];
  readonly answered: readonly number[];
  /** Later answers are not waited for. */
  readonly closesMs: number;
}

/** Watching the lock nodes, ready to try. */
export interface StandingBy {
  readonly name: 'standing-by';
  /** The next term, its presence subscribed in advance; undefined while that is under way. */
  readonly spare: string | undefined;
  /** Back-off: nothing is tried before. */
  readonly contendFromMs: number;
  readonly pollDueMs: number;
  /** Whether the next look is at all lock nodes, or at one of them. */
  readonly roundNext: boolean;
  readonly round: Round | undefined;
  /** Polls in a row that were brought forward because the nodes disagreed. */
  readonly hurried: number;
}

/** Trying to take the lease. */
export interface Acquiring {
  readonly name: 'acquiring';
  readonly term: string;
  readonly via: ElectedVia;
  /** `depose`: the silent holder's lock is being deleted; `acquire`: redlock's acquire is out. */
  readonly step: 'depose' | 'acquire';
  /** Lock nodes that were takeable before the depose. */
  readonly takeable: number;
  /** Read before the acquire was sent (L3). */
  readonly reading: EpochReading;
  readonly sentMs: number;
}

/** Holding the lease without an epoch yet. */
export interface Minting {
  readonly name: 'minting';
  readonly via: ElectedVia;
  readonly deadlineMs: number;
  /** `pause`: an answer stayed out; at `pauseUntilMs` the step in `resume` is done again. */
  readonly step: 'mint' | 'read' | 'prove' | 'pause';
  readonly resume: 'mint' | 'read';
  readonly pauseUntilMs: number;
  readonly proveSentMs: number;
  readonly request: MintRequest;
  readonly rounds: number;
  /** A mint of this term had no answer: it may have been applied. */
  readonly uncertain: boolean;
}

/** Holding the lease and a token. */
export interface Leading {
  readonly name: 'leading';
  readonly token: FencingToken;
  /** The incarnation of the store that the term was minted at (L5). */
  readonly runId: string;
  readonly deadlineMs: number;
  readonly extendDueMs: number;
  /** When the extend under way was sent. */
  readonly extendSentMs: number | undefined;
  /** The last extend that was due was not sent, because the ledger is silent (L10). */
  readonly withheld: boolean;
  readonly beatDueMs: number;
  readonly beatAtMs: number;
  /** When this process last noticed that it had stood still for about as long as the time-out. */
  readonly stalledAtMs: number | undefined;
  /** When a heartbeat last found that no quorum of the lock nodes answers. */
  readonly cutOffAtMs: number | undefined;
  /** What the last heartbeat found on each lock node; at first, what the acquire did. */
  readonly found: readonly Found[];
}

/** A term is over, and the lock nodes are being told. */
export interface SteppingDown {
  readonly name: 'stepping-down';
  readonly term: string;
  /** `successor`: the lease is given back, and until `lingerUntilMs` the processor is left to who takes it. */
  readonly awaiting: 'acquire' | 'release' | 'successor';
  readonly next: 'standing-by' | 'stopped';
  readonly contendFromMs: number;
  readonly lingerUntilMs?: number;
}

/** A heartbeat's finding on one lock node: see `scripts/beat.lua`. */
export type Found = 'unknown' | 'ours' | 'absent' | 'other';

/** The stages; `transition.ts` explains them. */
export type Stage =
  | { readonly name: 'created' }
  | StandingBy
  | Acquiring
  | Minting
  | Leading
  | SteppingDown
  | { readonly name: 'stopped' };

/** All that `transition` knows. */
export interface LeaseState {
  readonly memory: Memory;
  readonly stage: Stage;
}

/** The circumstances of an event: a pure function has neither clock, dice nor ledger. */
export interface Moment {
  /** Monotonic. */
  readonly nowMs: number;
  /** Uniform in [0, 1): for jitter. */
  readonly chance: number;
  /** The link to the store as it is now (L10). */
  readonly ledger: { readonly runId: string | undefined; readonly lastAnswerMs: number };
}

/** What happened. */
export type Happening =
  | { readonly type: 'start' }
  /** The time `wakeAtMs` asked for has come (or any other: early ticks do nothing). */
  | { readonly type: 'tick' }
  /** `term` is new and its presence is up, as far as the lock nodes answered in time. */
  | { readonly type: 'prepared'; readonly term: string }
  /** A probe was answered, or (undefined) failed. */
  | {
      readonly type: 'probed';
      readonly node: number;
      readonly answer: ProbeAnswer | undefined;
    }
  /** A glance was answered, or (undefined) failed. */
  | {
      readonly type: 'glanced';
      readonly node: number;
      readonly answer: GlanceAnswer | undefined;
    }
  | {
      readonly type: 'epoch-read';
      readonly purpose: 'check' | 'mint';
      readonly reading: EpochReading | undefined;
    }
  /** Every lock node answered the depose or failed to; `removed` of them have no lock now. */
  | { readonly type: 'depose-settled'; readonly removed: number }
  | { readonly type: 'acquired'; readonly term: string }
  /** No quorum. `nowhere`: every lock node said so, and nothing was taken on any. */
  | { readonly type: 'acquire-refused'; readonly term: string; readonly nowhere: boolean }
  | {
      readonly type: 'mint-settled';
      readonly term: string;
      readonly outcome: MintOutcome | { readonly status: 'unknown' };
    }
  | { readonly type: 'extended'; readonly term: string }
  /** No quorum; on `elsewhere` lock nodes the lock is known to be another's. */
  | { readonly type: 'extend-refused'; readonly term: string; readonly elsewhere: number }
  | {
      readonly type: 'beaten';
      readonly term: string;
      readonly node: number;
      readonly found: Found;
    }
  /** A lock node, or this incarnation's presence on it, is back after an interruption. */
  | { readonly type: 'node-returned' }
  /** Somebody said that the lease is given back: nobody may rely on it. */
  | { readonly type: 'given-back' }
  | { readonly type: 'store-ready'; readonly runId: string }
  | { readonly type: 'fenced'; readonly token: FencingToken }
  /** Every lock node answered the release or failed to. `told`: somebody who contends was told of it. */
  | { readonly type: 'released'; readonly term: string; readonly told: boolean }
  | { readonly type: 'stop' };

/** What happened, and under which circumstances. */
export type LeaseEvent = Happening & { readonly at: Moment };

/** What is to be done. The shell does it in order and reports the outcome as an event. */
export type LeaseEffect =
  | { readonly type: 'probe'; readonly node: number }
  /** Count who listens to the holder's channel → `glanced`. */
  | { readonly type: 'glance'; readonly node: number; readonly channel: string }
  | { readonly type: 'read-epoch'; readonly purpose: 'check' | 'mint' }
  /** Make a new term and subscribe its channel on every lock node → `prepared`. */
  | { readonly type: 'prepare' }
  | { readonly type: 'drop-presence'; readonly term: string }
  | { readonly type: 'depose'; readonly silent: readonly SeenLock[] }
  | { readonly type: 'acquire'; readonly term: string }
  | { readonly type: 'extend'; readonly term: string }
  | { readonly type: 'mint'; readonly request: MintRequest }
  | { readonly type: 'beat'; readonly term: string; readonly epoch: number }
  | { readonly type: 'report-false-takeover'; readonly term: string }
  | { readonly type: 'release'; readonly term: string }
  | {
      readonly type: 'lead';
      readonly token: FencingToken;
      readonly via: ElectedVia;
      readonly vacantSinceMs: number;
    }
  /** Abort the term's signal and tell the owner. */
  | { readonly type: 'yield'; readonly token: FencingToken; readonly reason: DeposedReason }
  | {
      readonly type: 'tell-regression';
      readonly storeEpoch: number;
      readonly knownEpoch: number;
    }
  /** Close every connection: nothing follows. */
  | { readonly type: 'close' };

/** What a transition returns. */
export interface Step {
  readonly state: LeaseState;
  readonly effects: readonly LeaseEffect[];
}
