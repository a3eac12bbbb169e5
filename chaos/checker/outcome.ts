import type {
  EffectOperation,
  EndOperation,
  Operation,
  VanishedOperation,
} from '@understudy/history';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { Findings } from './findings.ts';
import { jobOutcomes, type JobOutcome, whyUnexpected } from './job-outcome.ts';
import type { EffectSight, JobTable } from './job-table.ts';

/**
 * Job by job: every accepted job takes effect exactly once, as what it is, and stays so.
 *
 * An entry that the log took but no read returned could be anybody's second effect, so a log that
 * is incomplete refutes. A job that was put aside is neither lost nor done: it is counted apart,
 * and `liveness` judges it.
 */
export const outcome: Checker = {
  name: 'outcome',
  expectation: 'every accepted job takes effect exactly once, and no other job takes effect',
  applies: () => true,
  start: (views) => new OutcomeRun(views),
};

class OutcomeRun implements CheckerRun {
  readonly #jobs: JobTable;
  readonly #findings = new Findings();

  constructor({ jobs }: Views) {
    this.#jobs = jobs;
  }

  step(operation: Operation, job: number): void {
    if (operation.op === 'effect') this.#compare(operation, job);
    else if (operation.op === 'vanished') this.#vanished(operation, job);
  }

  finish(): CheckerFinding {
    const tally = this.#judgeJobs();
    if (this.#jobs.end) this.#judgeLog(this.#jobs.end);
    else {
      this.#inconclusive('no-end', 'the history has no end: what is left in the queue is unknown');
    }
    if (this.#jobs.unnamedEntries > 0) this.#unnamed(this.#jobs.unnamedEntries);
    if (this.#jobs.accepted === 0 && this.#jobs.effectEntries === 0) {
      this.#inconclusive('no-job', 'no job was accepted and none took effect: nothing was tested');
    }
    return {
      findings: this.#findings,
      limit: 'one effect a job',
      observed: told(this.#jobs, tally),
    };
  }

  /** An effect must be the effect of the job it names. */
  #compare(effect: EffectOperation, job: number): void {
    if (effect.unnamed) return;
    const order = this.#jobs.orderOf(job);
    const { key, account, amountCents } = effect;
    if (
      agree(order.amountCents, amountCents) &&
      agree(order.account, account) &&
      agree(order.key, key)
    ) {
      return;
    }
    const differences = [
      difference('amountCents', order.amountCents, amountCents),
      difference('account', order.account, account),
      difference('key', order.key, key),
    ].filter((text) => text !== undefined);
    const detail = `the effect of ${effect.job} is not its own: ${differences.join(', ')}`;
    const { node, at } = effect;
    this.#findings.add('fail', { kind: 'mismatched', job: effect.job, node, at, detail });
  }

  #vanished(operation: VanishedOperation, job: number): void {
    const forgotten = this.#jobs.storeLossAt >= this.#jobs.effectAt[job]!;
    const { at, position } = operation;
    const effect = `the effect of ${operation.job} (position ${position}) was seen and is gone`;
    const detail = forgotten
      ? `${effect}: the store ${this.#jobs.storeLoss} after it was seen`
      : effect;
    const kind = forgotten ? STORE_FORGOT : 'vanished';
    this.#findings.add('fail', { kind, job: operation.job, at, detail });
  }

  #judgeJobs(): Map<JobOutcome, number> {
    const tally = new Map<JobOutcome, number>();
    const outcomeOf = jobOutcomes(this.#jobs);
    for (let job = 0; job < this.#jobs.ids.length; job++) {
      const became = outcomeOf(job);
      tally.set(became, (tally.get(became) ?? 0) + 1);
      if (became !== 'ok' && became !== 'absent') this.#report(job, became);
    }
    return tally;
  }

  #report(job: number, became: Exclude<JobOutcome, 'ok' | 'absent'>): void {
    const id = this.#jobs.ids[job]!;
    const first = this.#jobs.firstEffectOf(job);
    switch (became) {
      case 'lost':
        return this.#fail('lost', id, `${id} was accepted, has no effect and is not in the queue`);
      case 'forgotten':
        // One whose effect vanished was reported when it did.
        if (first) return;
        return this.#fail(
          STORE_FORGOT,
          id,
          `${id} was accepted before the store ${this.#jobs.storeLoss}`,
        );
      case 'duplicated':
        return this.#duplicated(job);
      case 'unexpected':
        return this.#fail('unexpected', id, `${id} ${whyUnexpected(this.#jobs, job) ?? ''}`, first);
      case 'undecided':
        return this.#inconclusive('undecided', `${id} was accepted and has no effect so far`, id);
      case 'pending':
        return this.#note('pending', id, `${id} still waits in the queue`);
      case 'parked':
        if (this.#jobs.isPoison(job))
          return this.#note('parked', id, `${id} was parked, as declared`);
        return this.#note('parked-undeclared', id, `${id} was parked and is not declared poison`);
      case 'recovered':
      case 'vanished':
        return;
    }
  }

  #unnamed(count: number): void {
    const detail = `${count} effects name no job: write the id of the job into the field "job" of each`;
    this.#findings.add('inconclusive', { kind: 'unnamed', detail }, count);
  }

  #duplicated(job: number): void {
    const id = this.#jobs.ids[job]!;
    const sights = [this.#jobs.firstEffectOf(job), ...(this.#jobs.furtherEffects.get(job) ?? [])];
    const seen = sights.filter((sight) => sight !== undefined);
    const detail = `${id} has ${seen.length} effects: ${seen.map(sightTold).join('; ')}`;
    this.#fail('duplicated', id, detail, seen.at(-1));
  }

  #judgeLog(end: EndOperation): void {
    const { entriesAdded, entriesRead, entriesOfOthers = 0 } = end;
    if (entriesAdded !== entriesRead) {
      const detail = `the effect log took ${entriesAdded} entries and returned ${entriesRead}`;
      this.#findings.add('fail', { kind: 'effect-log-incomplete', at: end.at, detail });
    }
    const surviving = this.#jobs.effectEntries - this.#jobs.vanishedEntries;
    const ownRead = entriesRead - entriesOfOthers;
    if (surviving === ownRead) return;
    const detail = `the history holds ${surviving} effects of ${ownRead} in the effect log`;
    if (surviving > ownRead) {
      this.#findings.add('fail', { kind: 'vanished', at: end.at, detail }, surviving - ownRead);
    } else {
      this.#inconclusive('history-incomplete', `${detail}: the recorder missed some`);
    }
  }

  #fail(kind: string, job: string, detail: string, sight?: EffectSight): void {
    const where = sight ? { node: sight.node, at: sight.at } : {};
    this.#findings.add('fail', { kind, job, ...where, detail });
  }

  #inconclusive(kind: string, detail: string, job?: string): void {
    this.#findings.add('inconclusive', { kind, ...(job === undefined ? {} : { job }), detail });
  }

  #note(kind: string, job: string, detail: string): void {
    this.#findings.add('note', { kind, job, detail });
  }
}

/** A loss for which the store answers, not the fleet. It refutes all the same. */
const STORE_FORGOT = 'lost: store forgot';

type Told = string | number | undefined;

/** Whether two say the same; who says nothing agrees. */
function agree(expected: Told, found: Told): boolean {
  return expected === undefined || found === undefined || expected === found;
}

function difference(field: string, expected: Told, found: Told): string | undefined {
  if (agree(expected, found)) return undefined;
  return `${field} is ${found} and was ${expected}`;
}

function sightTold({ node, epoch, at, position }: EffectSight): string {
  const under = epoch === undefined ? '' : ` under epoch ${epoch}`;
  return `by ${node}${under} at ${at.toFixed(0)} ms (position ${position})`;
}

function told(jobs: JobTable, tally: ReadonlyMap<JobOutcome, number>): string {
  const parts = [...tally].filter(([became]) => became !== 'absent');
  const list = parts.map(([became, count]) => `${count} ${became}`).join(', ');
  return `${jobs.accepted} accepted: ${list || 'nothing observed'}`;
}
