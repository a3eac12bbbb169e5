import type { Views } from './checker.ts';
import { jobOutcomes, type JobOutcome } from './job-outcome.ts';
import type { Counts } from './verdict.ts';

/** How many job ids of a kind are listed. */
const LISTED_JOBS = 100;

/** Counts what became of the jobs. `mismatched` is what the outcome checker found of that kind. */
export function countJobs({ jobs, inversions }: Views, mismatched: number): Counts {
  const tally = new Tally();
  const outcomeOf = jobOutcomes(jobs);
  let parkedUndeclared = 0;
  for (let job = 0; job < jobs.ids.length; job++) {
    const became = outcomeOf(job);
    tally.add(became, jobs.ids[job]!);
    if (became === 'parked' && !jobs.isPoison(job)) parkedUndeclared += 1;
  }
  return {
    accepted: jobs.accepted,
    effects: jobs.effectEntries,
    ok: tally.of('ok'),
    lost: tally.of('lost') + tally.of('forgotten'),
    storeForgot: tally.of('forgotten'),
    duplicated: tally.of('duplicated'),
    unexpected: tally.of('unexpected'),
    recovered: tally.of('recovered'),
    pending: tally.of('pending'),
    parked: tally.of('parked'),
    parkedUndeclared,
    undecided: tally.of('undecided'),
    mismatched,
    vanished: jobs.vanishedEntries,
    attempts: jobs.attempts,
    duplicateEnqueues: jobs.duplicateEnqueues,
    inversions: inversions.found.length,
    compared: inversions.compared,
    duplicatedJobs: tally.listed('duplicated'),
    lostJobs: [...tally.listed('lost'), ...tally.listed('forgotten')].slice(0, LISTED_JOBS),
    unexpectedJobs: tally.listed('unexpected'),
    parkedJobs: tally.listed('parked'),
    pendingJobs: tally.listed('pending'),
  };
}

/** Numbers and first names by outcome. */
class Tally {
  readonly #totals = new Map<JobOutcome, number>();
  readonly #listed = new Map<JobOutcome, string[]>();

  add(became: JobOutcome, id: string): void {
    const total = this.of(became);
    this.#totals.set(became, total + 1);
    if (total >= LISTED_JOBS || became === 'ok') return;
    this.#listed.set(became, [...this.listed(became), id]);
  }

  of(became: JobOutcome): number {
    return this.#totals.get(became) ?? 0;
  }

  listed(became: JobOutcome): string[] {
    return this.#listed.get(became) ?? [];
  }
}
