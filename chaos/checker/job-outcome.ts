import type { JobTable } from './job-table.ts';

/**
 * What became of a job:
 *
 * - `ok`: accepted, one effect
 * - `recovered`: the outcome of its enqueueing is unknown, and it has one effect
 * - `duplicated`: more than one effect, however often it was enqueued
 * - `unexpected`: an effect although it was never enqueued, its enqueueing certainly failed, or the
 *   effect was there before it was enqueued
 * - `lost`: accepted, no effect, nowhere in the queue at the end
 * - `forgotten`: lost, and the store lost data after it was accepted, or restarted and may have
 * - `vanished`: its effect was seen and is gone, though the store lost nothing that was noticed
 * - `pending`, `parked`: no effect, and still in the queue, or put aside, at the end
 * - `undecided`: accepted, no effect, and it cannot be told whether it still waits (the history does
 *   not say, or nobody can look into the queue) or which job an effect belongs to that names none
 * - `absent`: not accepted, no effect: nothing happened
 */
export type JobOutcome =
  | 'ok'
  | 'recovered'
  | 'duplicated'
  | 'unexpected'
  | 'lost'
  | 'forgotten'
  | 'vanished'
  | 'pending'
  | 'parked'
  | 'undecided'
  | 'absent';

/** Which jobs are where when everything has stopped. */
interface Leftovers {
  readonly pending: ReadonlySet<string>;
  readonly parked: ReadonlySet<string>;
}

/**
 * Answers what became of each job; to be asked after the last operation. Lost, unexpected and
 * recovered are meant as in Jepsen's `total-queue`, with one difference: there a duplicate is
 * valid, and an effect of an enqueue that certainly failed counts as recovered. Here a `fail` says
 * that nothing happened, so an effect of it is unexpected (an aborted read, in Jepsen's terms).
 */
export function jobOutcomes(jobs: JobTable): (job: number) => JobOutcome {
  const left: Leftovers = {
    pending: new Set(jobs.end?.pendingJobs),
    parked: new Set(jobs.end?.parkedJobs),
  };
  return (job) => {
    const effects = jobs.effects[job]!;
    if (effects === 0) return withoutEffect(jobs, job, left);
    if (whyUnexpected(jobs, job)) return 'unexpected';
    const surviving = effects - jobs.vanished[job]!;
    const storeLost = jobs.storeLossAt >= jobs.effectAt[job]!;
    // What a store forgot and a worker did again stands in the ledger once.
    if ((storeLost ? surviving : effects) > 1) return 'duplicated';
    if (surviving > 0) return jobs.isAccepted(job) ? 'ok' : 'recovered';
    if (left.pending.has(jobs.ids[job]!)) return 'pending';
    return storeLost ? 'forgotten' : 'vanished';
  };
}

function withoutEffect(jobs: JobTable, job: number, left: Leftovers): JobOutcome {
  const id = jobs.ids[job]!;
  if (left.pending.has(id)) return 'pending';
  if (left.parked.has(id)) return 'parked';
  if (!jobs.isAccepted(job)) return 'absent';
  if (!jobs.end || jobs.end.pendingUnknown || jobs.unnamedEntries > 0) return 'undecided';
  return jobs.storeLossAt >= jobs.acceptedAt[job]! ? 'forgotten' : 'lost';
}

/** Why a job with an effect should have none; undefined when it may have one. */
export function whyUnexpected(jobs: JobTable, job: number): string | undefined {
  if (jobs.early[job] === 1) return 'took effect before it was enqueued';
  if (jobs.isAccepted(job)) return undefined;
  const invoked = jobs.invoked[job]!;
  if (invoked === 0) return 'took effect and was never enqueued';
  if (jobs.refused[job]! >= invoked) return 'took effect although its enqueueing failed';
  return undefined;
}
