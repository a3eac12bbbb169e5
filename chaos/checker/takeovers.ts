import type { HistoryHeader, Operation } from '@understudy/history';
import { FleetView } from './fleet-view.ts';
import { InFlightTakeovers } from './in-flight-takeovers.ts';
import type { JobTable } from './job-table.ts';
import { LeaderTakeovers } from './leader-takeovers.ts';
import type { Takeovers } from './takeover-limit.ts';

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
