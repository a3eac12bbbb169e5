import type { RunResult } from 'understudy';

/** What an assertion about a run comes to, before anybody says whether it was negated. */
export interface Assertion {
  /** `unknown`: neither the assertion nor its negation may pass. */
  readonly kind: 'holds' | 'fails' | 'unknown';
  readonly detail: string;
}

/** Every anomaly that makes a checker fail, as `toBeRefutedBy` names it. */
export const ANOMALIES = [
  ...([
    'lost',
    'lost: store forgot',
    'duplicated',
    'unexpected',
    'vanished',
    'mismatched',
  ] as const),
  ...([
    'effect-log-incomplete',
    'no-epoch',
    'epoch-decreased',
    'epoch-shared',
    'term-split',
  ] as const),
  ...(['total-differs', 'balance-differs', 'inverted', 'not-recovered', 'late'] as const),
  ...(['no-effect', 'parked-undeclared', 'takeover-late', 'takeover-missed'] as const),
  ...(['unsteady', 'lead-not-kept'] as const),
];

/** A kind of anomaly that makes a checker fail. */
export type AnomalyKind = (typeof ANOMALIES)[number];

type Checker = RunResult['checkers'][number];
type CheckerName = Checker['checker'];

/** Every accepted job took effect once: no loss, no double, no balance that is off. */
export function exactlyOnce(run: RunResult): Assertion {
  return unlessUnclear(run, ['outcome', 'conservation'], (judged) => {
    const failed = judged.filter(({ verdict }) => verdict === 'fail');
    if (failed.length === 0) return holds(judged.map(observation).join('; '));
    return fails(failed.map(observation).join('; '));
  });
}

/** Effects were accepted from one leader at a time. */
export function oneEffectiveLeader(run: RunResult): Assertion {
  return unlessUnclear(run, ['fencing'], ([fencing]) => {
    if (!fencing || fencing.verdict === 'not-applicable') {
      return unknown(`leadership was not judged: ${fencing?.reason ?? 'no fencing checker ran'}`);
    }
    return fencing.verdict === 'fail' ? fails(observation(fencing)) : holds(observation(fencing));
  });
}

/**
 * Effects came in the order in which their jobs were enqueued, account by account. Asked by a test,
 * it is judged wherever the order of enqueueing is known, also where the lane promises none.
 */
export function keepsOrder(run: RunResult): Assertion {
  return unlessUnclear(run, [], () => {
    const order = run.checkers.find(({ checker }) => checker === 'order');
    if (order?.verdict === 'inconclusive') return unknown(observation(order));
    if (!run.counts || run.counts.effects === 0) return unknown('no effect was seen');
    const { inversions, compared } = run.counts;
    if (compared === 0) {
      return unknown('no two jobs of an account were enqueued one after the other: give some');
    }
    return inversions === 0
      ? holds('every effect came in the order of enqueueing')
      : fails(`${inversions} effect(s) came before that of a job of the account enqueued earlier`);
  });
}

/** Each takeover was over within `limitMs`, and there was one. */
export function failOverWithin(run: RunResult, limitMs: number): Assertion {
  return unlessUnclear(run, [], () => {
    const missed = run.checkers.reduce(
      (sum, { totals }) => sum + (totals['takeover-missed'] ?? 0),
      0,
    );
    if (missed > 0) return fails(`${missed} takeover(s) never came`);
    const counted = run.takeovers.filter(({ excused }) => excused === undefined);
    if (counted.length === 0) return unknown('there was no takeover to measure');
    const told = counted.map(({ cause, from, to, ms }) => `${cause} ${from} to ${to}: ${ms} ms`);
    const late = counted.some(({ ms }) => ms > limitMs);
    return late ? fails(told.join(', ')) : holds(told.join(', '));
  });
}

/** A checker failed, and because of this anomaly. */
export function refutedBy(run: RunResult, anomaly: AnomalyKind): Assertion {
  if (!ANOMALIES.includes(anomaly)) {
    return unknown(
      `there is no anomaly ${JSON.stringify(anomaly)}; there are ${ANOMALIES.join(', ')}`,
    );
  }
  const failed = run.checkers.filter(({ verdict }) => verdict === 'fail');
  const by = failed.find(({ totals }) => (totals[anomaly] ?? 0) > 0);
  // What refutes a run does so whether its faults landed or not.
  if (by && run.status === 'fail')
    return holds(`${by.checker}: ${by.totals[anomaly]} × ${anomaly}`);
  return unlessUnclear(run, [], () => {
    const instead = failed.flatMap(({ totals }) => Object.keys(totals));
    return fails(instead.length > 0 ? `refuted by ${instead.join(', ')}` : 'not refuted');
  });
}

/** Every scheduled fault of this name landed, and there was one. */
export function landed(run: RunResult, fault: RunResult['faults'][number]['fault']): Assertion {
  return unlessUnclear(run, [], () => {
    const scheduled = run.faults.filter((each) => each.fault === fault);
    const told = scheduled.map(({ id, evidence }) => `${id}: ${evidence}`).join('; ');
    if (scheduled.length === 0) return fails(`no ${fault} was scheduled`);
    return scheduled.every((each) => each.landed) ? holds(told) : fails(told);
  });
}

/**
 * Judges by the named checkers, unless the run does not carry a judgement: it is inconclusive or
 * was interrupted, one of these checkers is inconclusive, or they found nothing while it is not
 * known whether the faults landed.
 */
function unlessUnclear(
  run: RunResult,
  names: readonly CheckerName[],
  judge: (judged: readonly Checker[]) => Assertion,
): Assertion {
  if (run.status === 'interrupted') return unknown('the run was interrupted');
  const unclear = run.checkers.filter(({ verdict }) => verdict === 'inconclusive');
  if (run.status === 'inconclusive') {
    const why = unclear.map(observation).join('; ');
    return unknown(run.reason ?? (why || 'no checker said anything'));
  }
  const judged = run.checkers.filter(({ checker }) => names.includes(checker));
  const refuted = judged.some(({ verdict }) => verdict === 'fail');
  const missing = unclear.filter((each) => each.checker === 'landed' || judged.includes(each));
  if (!refuted && missing.length > 0) return unknown(missing.map(observation).join('; '));
  return judge(judged);
}

function observation({ checker, observed, reason }: Checker): string {
  return `${checker}: ${observed}${reason === undefined ? '' : ` (${reason})`}`;
}

function holds(detail: string): Assertion {
  return { kind: 'holds', detail };
}

function fails(detail: string): Assertion {
  return { kind: 'fails', detail };
}

function unknown(detail: string): Assertion {
  return { kind: 'unknown', detail };
}
