import type { EffectOperation, FaultOperation, Operation } from '@understudy/history';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { Findings } from './findings.ts';
import { LeadershipTerms, type Term } from './leadership-terms.ts';
import { Stalls } from './stalls.ts';

/**
 * The steady state: while jobs wait, effects keep coming. It is looked at throughout the run, so
 * that a fleet that stands still when nothing is broken is found out, and it measures what the
 * faults cost: for which share of the time with work nothing took effect.
 *
 * An interruption that a fault explains (in force, or healed not long before) is measured and not
 * judged: `liveness` holds takeovers to their limits. One that nothing explains fails when it is
 * longer than the declared bound.
 *
 * Where one node leads, it keeps the lead: a machine that is too busy may cost it once or twice,
 * but a lead that is lost again and again, each time about when a lease ends that nobody renewed,
 * is a lease that nobody renews.
 */
export const steady: Checker = {
  name: 'steady',
  expectation:
    'while jobs wait, effects keep coming, and who leads goes on leading; only a fault interrupts them',
  applies: () => true,
  start: (views) => new SteadyRun(views),
};

/** Shorter than this nobody calls it an interruption: a pause between two batches. */
const INTERRUPTION_MS = 250;

/** A leader that renews its lease keeps the lead for longer than so many times to live. */
const KEPT_TTLS = 2;
/** So many leads in a row that were lost earlier are not bad luck any more. */
const LOST_IN_A_ROW = 3;

/** From when to when a fault explains that nothing happens, in ms since the run began. */
interface Excuse {
  readonly fault: FaultOperation;
  untilAt: number;
}

interface Interruption {
  readonly fromAt: number;
  readonly untilAt: number;
}

class SteadyRun implements CheckerRun {
  readonly #views: Views;
  readonly #findings = new Findings();
  readonly #stalls = new Stalls();
  readonly #excuses: Excuse[] = [];
  readonly #interruptions: Interruption[] = [];
  readonly #terms = new LeadershipTerms();
  /** Since when there has been work, before the operation at hand; NaN while there is none. */
  #workSinceAt = Number.NaN;
  #lastEffectAt = 0;
  #busyMs = 0;
  #effects = 0;

  constructor(views: Views) {
    this.#views = views;
  }

  step(operation: Operation): void {
    this.#terms.step(operation);
    if (operation.op === 'fault') this.#fault(operation);
    else if (operation.op === 'stall') this.#stalls.add(operation);
    else if (operation.op === 'effect' && operation.source === 'live') this.#effect(operation);
    const { jobs } = this.#views;
    this.#workSinceAt = jobs.outstanding > 0 ? jobs.workSinceAt : Number.NaN;
  }

  finish(): CheckerFinding {
    const boundMs = this.#views.header.expect.livenessBoundMs;
    if (this.#effects === 0) {
      const detail = 'no effect was seen: there was no steady state to speak of';
      this.#findings.add('inconclusive', { kind: 'no-effect-seen', detail });
    }
    for (const interruption of this.#interruptions) this.#judge(interruption, boundMs);
    this.#judgeTerms();
    return { findings: this.#findings, limit: boundMs, observed: this.#observed() };
  }

  #effect({ at }: EffectOperation): void {
    this.#effects += 1;
    if (!Number.isNaN(this.#workSinceAt)) {
      const fromAt = Math.max(this.#workSinceAt, this.#lastEffectAt);
      this.#busyMs += at - fromAt;
      if (at - fromAt >= INTERRUPTION_MS) this.#interruptions.push({ fromAt, untilAt: at });
    }
    this.#lastEffectAt = at;
  }

  #fault(fault: FaultOperation): void {
    if (fault.phase === 'inject') {
      this.#excuses.push({ fault, untilAt: Number.POSITIVE_INFINITY });
      return;
    }
    if (fault.phase !== 'healed' && fault.phase !== 'refused') return;
    const excuse = this.#excuses.find(
      (open) => open.fault.id === fault.id && open.fault.target === fault.target,
    );
    // After a heal the system has as long to be itself again as it promises.
    if (excuse) excuse.untilAt = fault.at + this.#views.header.expect.livenessBoundMs;
  }

  #judge(interruption: Interruption, boundMs: number): void {
    const { fromAt, untilAt } = interruption;
    const waitedMs = untilAt - fromAt;
    if (waitedMs <= boundMs || this.#causeOf(interruption)) return;
    const detail = `nothing took effect for ${told(waitedMs)} although jobs waited and nothing was broken, the bound is ${told(boundMs)}`;
    const stalledMs = this.#stalls.withinMs(fromAt, untilAt);
    if (waitedMs - stalledMs > boundMs) {
      this.#findings.add('fail', { kind: 'unsteady', at: untilAt, detail });
      return;
    }
    const doubt = `${detail}; the lab itself stood still for ${told(stalledMs)} of it`;
    this.#findings.add('inconclusive', { kind: 'lab-stalled', at: untilAt, detail: doubt });
  }

  #judgeTerms(): void {
    const { ttlMs } = this.#views.header.expect;
    const keptMs = KEPT_TTLS * ttlMs;
    const isLostEarly = (term: Term): boolean => {
      // A lab that stood still may have heard of its beginning so much too late.
      const lateMs = this.#stalls.longestMs(term.fromAt - keptMs, term.untilAt);
      return term.untilAt - term.fromAt + lateMs < keptMs && !this.#causeOf(term);
    };
    const row = this.#terms.longestRow(isLostEarly);
    if (row.length < LOST_IN_A_ROW) return;
    const terms = row.map(({ node, fromAt, untilAt }) => `${node} after ${told(untilAt - fromAt)}`);
    const detail = `the lead was lost ${row.length} times in a row although nothing was broken, by ${terms.join(', by ')}, with a TTL of ${told(ttlMs)}`;
    this.#findings.add('fail', { kind: 'lead-not-kept', at: row.at(-1)!.untilAt, detail });
  }

  /** The fault that explains an interruption: of several the one that was injected last. */
  #causeOf({ fromAt, untilAt }: Interruption): FaultOperation | undefined {
    return this.#excuses.findLast(
      (excuse) => excuse.fault.at <= untilAt && excuse.untilAt >= fromAt,
    )?.fault;
  }

  #observed(): string {
    if (this.#effects === 0) return 'no effect seen';
    const longest = this.#interruptions.toSorted(
      (a, b) => b.untilAt - b.fromAt - (a.untilAt - a.fromAt),
    )[0];
    if (!longest) return 'effects flowed all the time with work';
    const stillMs = this.#interruptions.reduce((sum, i) => sum + i.untilAt - i.fromAt, 0);
    const share = (100 * (1 - stillMs / this.#busyMs)).toFixed(1);
    const cause = this.#causeOf(longest);
    const by = cause ? `${cause.id}, ${cause.fault} ${cause.target}` : 'no fault';
    const number = this.#interruptions.length;
    const times = number === 1 ? 'one interruption' : `${number} interruptions, the longest`;
    return `effects flowed ${share} % of the time with work; ${times} ${told(longest.untilAt - longest.fromAt)} (${by})`;
  }
}

function told(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}
