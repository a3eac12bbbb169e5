import type { HistoryHeader, Operation } from '@understudy/history';
import { messageOf } from '@understudy/runtime';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { conservation } from './conservation.ts';
import { countJobs } from './counts.ts';
import { fencing } from './fencing.ts';
import { Inversions } from './inversions.ts';
import { JobTable, REPEATED } from './job-table.ts';
import { landed } from './landed.ts';
import { liveness } from './liveness.ts';
import { order } from './order.ts';
import { outcome } from './outcome.ts';
import { steady } from './steady.ts';
import { TakeoverFold } from './takeovers.ts';
import type { CheckerResult, Status, Verdict } from './verdict.ts';

/** Every checker, in the order in which results are shown. */
export const allCheckers: readonly Checker[] = [
  outcome,
  fencing,
  order,
  conservation,
  liveness,
  steady,
  landed,
];

/** A history being judged, operation by operation. Memory grows with the jobs, not the operations. */
export interface Judging {
  /** Takes the next operation, in `seq` order. */
  step(operation: Operation): void;
  /** The verdict, after the last operation. `torn`: the history broke off in a line. */
  finish(options?: { torn?: boolean }): Verdict;
}

/** Judges a history that is in memory. */
export function judge(
  header: HistoryHeader,
  operations: Iterable<Operation>,
  options: { torn?: boolean; checkers?: readonly Checker[] } = {},
): Verdict {
  const judging = startJudging(header, options.checkers);
  for (const operation of operations) judging.step(operation);
  return judging.finish(options);
}

/** Begins to judge a history. A checker that crashes is inconclusive; the others go on. */
export function startJudging(
  header: HistoryHeader,
  checkers: readonly Checker[] = allCheckers,
): Judging {
  const jobs = new JobTable(header);
  const takeovers = new TakeoverFold(header, jobs);
  const inversions = new Inversions(jobs);
  const views: Views = { header, jobs, takeovers, inversions };
  const passes = checkers.map((checker) => new Pass(checker, views));
  return {
    step(operation) {
      const job = jobs.step(operation);
      if (job === REPEATED) return;
      takeovers.step(operation, job);
      inversions.step(operation, job);
      for (const pass of passes) pass.step(operation, job);
    },
    finish({ torn = false } = {}) {
      const results = passes.map((pass) => pass.finish());
      const mismatched = results.find(({ checker }) => checker === 'outcome')?.totals['mismatched'];
      return {
        ...statusOf(results, torn),
        checkers: results,
        counts: countJobs(views, mismatched ?? 0),
        takeovers: takeovers.finish().takeovers,
      };
    },
  };
}

/** Fail before inconclusive before pass; what is torn, or judged by nobody, cannot pass. */
function statusOf(
  results: readonly CheckerResult[],
  torn: boolean,
): { status: Status; reason?: string } {
  const verdicts = new Set(results.map(({ verdict }) => verdict));
  const reason = torn ? { reason: 'the history is torn: it breaks off in its last line' } : {};
  if (verdicts.has('fail')) return { status: 'fail', ...reason };
  const passed = !torn && !verdicts.has('inconclusive') && verdicts.has('pass');
  return { status: passed ? 'pass' : 'inconclusive', ...reason };
}

/** One checker going over one history. Whatever it throws ends its part, and nobody else's. */
class Pass {
  readonly #checker: Checker;
  #run: CheckerRun | undefined;
  #whyNot: string | undefined;
  #crash: { readonly error: unknown } | undefined;

  constructor(checker: Checker, views: Views) {
    this.#checker = checker;
    try {
      const applies = checker.applies(views.header);
      if (applies === true) this.#run = checker.start(views);
      else this.#whyNot = applies;
    } catch (error) {
      this.#crash = { error };
    }
  }

  step(operation: Operation, job: number): void {
    if (!this.#run) return;
    try {
      this.#run.step(operation, job);
    } catch (error) {
      this.#run = undefined;
      this.#crash = { error };
    }
  }

  finish(): CheckerResult {
    if (this.#whyNot !== undefined) return this.#without('not-applicable', this.#whyNot);
    try {
      if (this.#run) return this.#result(this.#run.finish());
    } catch (error) {
      this.#crash = { error };
    }
    return this.#without('inconclusive', `the checker crashed: ${messageOf(this.#crash?.error)}`);
  }

  #result({ findings, observed, limit, notApplicable }: CheckerFinding): CheckerResult {
    if (notApplicable !== undefined) return this.#without('not-applicable', notApplicable);
    const { name: checker, expectation } = this.#checker;
    const { status: verdict, reason, decidedBy, anomalies, totals } = findings;
    return {
      checker,
      verdict,
      expectation,
      ...(limit === undefined ? {} : { limit }),
      observed,
      ...(reason === undefined ? {} : { reason }),
      ...(decidedBy.length === 0 ? {} : { decidedBy }),
      anomalies,
      totals,
    };
  }

  #without(verdict: 'not-applicable' | 'inconclusive', reason: string): CheckerResult {
    const { name: checker, expectation } = this.#checker;
    return {
      checker,
      verdict,
      expectation,
      observed: 'not judged',
      reason,
      anomalies: [],
      totals: {},
    };
  }
}
