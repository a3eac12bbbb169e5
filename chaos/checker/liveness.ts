import type { Operation } from '@understudy/history';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { Findings } from './findings.ts';
import { jobOutcomes } from './job-outcome.ts';
import { Stalls } from './stalls.ts';
import type { MissedTakeover } from './takeover-limit.ts';
import type { Anomaly, Takeover } from './verdict.ts';

/**
 * The fleet gets its work done: after the last heal every accepted job takes effect within the
 * bound (counted from its own acceptance when that was later), and each takeover keeps its limit.
 *
 * A stall of the lab can make what it measures longer by its own length at most. What would be in
 * time without the stalls that overlap it is inconclusive; what would be late all the same is late.
 */
export const liveness: Checker = {
  name: 'liveness',
  expectation:
    'after the last heal every accepted job takes effect in time, and each takeover is in time',
  applies: () => true,
  start: (views) => new LivenessRun(views),
};

class LivenessRun implements CheckerRun {
  readonly #views: Views;
  readonly #findings = new Findings();
  readonly #stalls = new Stalls();
  /** When the last fault began or ended, or the store was last seen to have restarted. */
  #lastFaultAt = 0;
  #longestWaitMs = 0;
  #inTime = 0;
  /** Jobs that have to take effect: all accepted ones but declared poison that was parked. */
  #due = 0;

  constructor(views: Views) {
    this.#views = views;
  }

  step(operation: Operation): void {
    switch (operation.op) {
      case 'fault':
        if (operation.phase !== 'refused') this.#lastFaultAt = operation.at;
        break;
      case 'store':
        this.#lastFaultAt = operation.at;
        break;
      case 'stall':
        this.#stalls.add(operation);
        break;
      case 'health':
        if (operation.phase === 'after-last-heal' && !operation.healthy) {
          const detail = `the fleet did not recover after the last heal: ${operation.detail}`;
          this.#findings.add('fail', { kind: 'not-recovered', at: operation.at, detail });
        }
        break;
      default:
        break;
    }
  }

  finish(): CheckerFinding {
    const { jobs, takeovers, header } = this.#views;
    this.#judgeJobs();
    if (jobs.accepted === 0) {
      const detail = 'no job was accepted: there was nothing to be done';
      this.#findings.add('inconclusive', { kind: 'no-job', detail });
    }
    const seen = takeovers.finish();
    for (const takeover of seen.takeovers) this.#judgeTakeover(takeover);
    for (const missed of seen.missed) this.#judgeMissed(missed);
    const faults = header.expect.schedule.length > 0 || this.#lastFaultAt > 0;
    const work =
      `${this.#inTime} of ${this.#due} in time, ` +
      `the longest wait ${this.#longestWaitMs.toFixed(0)} ms`;
    return {
      findings: this.#findings,
      limit: header.expect.livenessBoundMs,
      observed: `${work}; ${takeoversTold(seen.takeovers, faults)}`,
    };
  }

  #judgeJobs(): void {
    const { jobs } = this.#views;
    const outcomeOf = jobOutcomes(jobs);
    for (let job = 0; job < jobs.ids.length; job++) {
      if (!jobs.isAccepted(job)) continue;
      const fromAt = Math.max(this.#lastFaultAt, jobs.acceptedAt[job]!);
      const parked = outcomeOf(job) === 'parked';
      if (parked && jobs.isPoison(job)) continue;
      this.#due += 1;
      if (jobs.effects[job]! > 0) this.#judgeEffect(job, fromAt);
      else this.#judgeAbsence(job, fromAt, parked);
    }
  }

  #judgeEffect(job: number, fromAt: number): void {
    const { jobs, header } = this.#views;
    const boundMs = header.expect.livenessBoundMs;
    const at = jobs.effectAt[job]!;
    const waitedMs = Math.max(0, at - fromAt);
    const id = jobs.ids[job]!;
    if (waitedMs <= boundMs) {
      this.#inTime += 1;
      if (!jobs.isFinalOnly(job)) this.#longestWaitMs = Math.max(this.#longestWaitMs, waitedMs);
    } else if (jobs.isFinalOnly(job)) {
      const detail = `${id} took effect at a time that was not seen, ${told(waitedMs)} at most`;
      this.#findings.add('inconclusive', { kind: 'untimed', job: id, at, detail });
    } else {
      const detail = `${id} took effect after ${told(waitedMs)}, the bound is ${told(boundMs)}`;
      this.#late({ kind: 'late', job: id, at, detail }, fromAt, at, boundMs);
    }
  }

  #judgeAbsence(job: number, fromAt: number, parked: boolean): void {
    const { jobs, header } = this.#views;
    const id = jobs.ids[job]!;
    if (parked) {
      const detail = `${id} was parked, so it never takes effect, and is not declared poison`;
      this.#findings.add('fail', { kind: 'parked-undeclared', job: id, detail });
      return;
    }
    if (jobs.unnamedEntries > 0) {
      const detail = `${id} has no effect, or one of those that name no job`;
      this.#findings.add('inconclusive', { kind: 'unnamed', job: id, detail });
      return;
    }
    const boundMs = header.expect.livenessBoundMs;
    const untilAt = jobs.end?.at;
    if (untilAt === undefined || untilAt - fromAt <= boundMs) {
      const why =
        untilAt === undefined ? 'the history has no end' : 'the run ended before the bound';
      const detail = `${id} has no effect so far, and ${why}`;
      this.#findings.add('inconclusive', { kind: 'too-early', job: id, detail });
      return;
    }
    const waited = `${id} had no effect after ${told(untilAt - fromAt)}`;
    const forgotten = jobs.storeLossAt >= jobs.acceptedAt[job]!;
    const blame = forgotten ? `; the store ${jobs.storeLoss} after it was accepted` : '';
    const detail = `${waited}, the bound is ${told(boundMs)}${blame}`;
    this.#late({ kind: 'no-effect', job: id, at: untilAt, detail }, fromAt, untilAt, boundMs);
  }

  #judgeTakeover(takeover: Takeover): void {
    const { cause, from, to, ms, limitMs, at, excused } = takeover;
    if (ms <= limitMs || excused !== undefined) return;
    const detail = `${to} took over from ${from} (${cause}) after ${told(ms)}, limit ${told(limitMs)}`;
    this.#late({ kind: 'takeover-late', node: to, at, detail }, at - ms, at, limitMs);
  }

  #judgeMissed({ cause, from, waitedMs, limitMs, at, untimed }: MissedTakeover): void {
    if (untimed) {
      const detail = `when somebody took over from ${from} (${cause}) was not seen`;
      this.#findings.add('inconclusive', { kind: 'takeover-untimed', node: from, at, detail });
      return;
    }
    const detail = `nobody took over from ${from} (${cause}) in ${told(waitedMs)}, limit ${told(limitMs)}`;
    this.#late({ kind: 'takeover-missed', node: from, at, detail }, at - waitedMs, at, limitMs);
  }

  /** A violation, unless the lab stood still long enough to have made it itself. */
  #late(anomaly: Anomaly, fromAt: number, untilAt: number, limitMs: number): void {
    const stalledMs = this.#stalls.withinMs(fromAt, untilAt);
    if (untilAt - fromAt - stalledMs > limitMs) {
      this.#findings.add('fail', anomaly);
      return;
    }
    const detail = `${anomaly.detail}; the lab itself stood still for ${told(stalledMs)} of it`;
    this.#findings.add('inconclusive', { ...anomaly, kind: 'lab-stalled', detail });
  }
}

function takeoversTold(takeovers: readonly Takeover[], faults: boolean): string {
  if (takeovers.length > 0) {
    const list = takeovers.map(
      ({ cause, ms, limitMs, excused }) =>
        `${cause} ${told(ms)} (${excused === undefined ? `limit ${told(limitMs)}` : excused})`,
    );
    return `takeovers: ${list.join(', ')}`;
  }
  return faults ? 'no takeover seen' : 'no fault planned, so no takeover expected';
}

function told(ms: number): string {
  return `${ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
