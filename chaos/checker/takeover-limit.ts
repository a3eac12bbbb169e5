import type { HistoryHeader } from '@understudy/history';
import type { Takeover } from './verdict.ts';

/** Work that was there to be taken over, and was not within the limit. */
export interface MissedTakeover {
  readonly faultId: string;
  readonly cause: string;
  readonly from: string;
  /** From where a takeover would be measured to the end of the wait. */
  readonly waitedMs: number;
  readonly limitMs: number;
  readonly at: number;
  /**
   * Whether somebody did take over, at a time that was not seen: the effects were found by the read
   * at the end only.
   */
  readonly untimed: boolean;
}

/** What the takeovers of a run come to. */
export interface Takeovers {
  readonly takeovers: readonly Takeover[];
  readonly missed: readonly MissedTakeover[];
}

/** How long a takeover may last that the header has no limit for. */
const MARGIN_OVER_TTL_MS = 1000;

/** The limit for takeovers after `cause`, in ms. */
export function takeoverLimitMs({ expect }: HistoryHeader, cause: string): number {
  return Object.hasOwn(expect.takeoverLimitMs, cause)
    ? expect.takeoverLimitMs[cause]!
    : expect.ttlMs + MARGIN_OVER_TTL_MS;
}
