import type { HistoryHeader, Operation } from '@understudy/history';
import { FleetView } from './fleet-view.ts';
import { InFlightTakeovers } from './in-flight-takeovers.ts';
import type { JobTable } from './job-table.ts';
import { LeaderTakeovers } from './leader-takeovers.ts';
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

/**
 * Takeovers, read off the history alone. Where one node leads (active-passive) a takeover is of
 * the lead: from the fault on the leader to the first effect under a higher epoch by another
 * incarnation. Where all nodes work it is of the jobs in flight: from the fault on a node to the
 * effect of the last of its jobs that others took over.
 *
 * It is measured from `inject`, the last thing that was done before the fault: evidence comes when
 * it comes. Only effects that were followed live have a time.
 */
export class TakeoverFold {
  readonly #fleet: FleetView;
  readonly #kind: LeaderTakeovers | InFlightTakeovers;

  constructor(header: HistoryHeader, jobs: JobTable) {
    this.#fleet = new FleetView(header);
    this.#kind =
      header.mode === 'active-passive'
        ? new LeaderTakeovers(header, jobs, this.#fleet)
        : new InFlightTakeovers(header, jobs, this.#fleet);
  }

  /** Takes the next operation; the job table has seen it already. */
  step(operation: Operation, job: number): void {
    this.#kind.step(operation, job);
    this.#fleet.step(operation);
  }

  /** To be asked after the last operation. Takeovers in the order of their effects. */
  finish(): Takeovers {
    const { takeovers, missed } = this.#kind.finish();
    return { takeovers: takeovers.toSorted((a, b) => a.at - b.at), missed };
  }
}
