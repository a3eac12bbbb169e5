import type { EffectOperation, Operation, StateOperation } from '@understudy/history';
import { BelievedLeadership } from './believed-leadership.ts';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { EpochRuns } from './epoch-runs.ts';
import { Findings } from './findings.ts';

/**
 * One effective leader: in ledger order accepted epochs never decrease, one epoch belongs to one
 * term and one term to one epoch and one incarnation. That several nodes *believe* to lead at the
 * same time is allowed (a paused one cannot know better) and reported apart.
 *
 * A store that regressed may make the fleet number anew. Two leaders with one epoch are two leaders
 * with one epoch all the same: it refutes, and the finding names the store.
 */
export const fencing: Checker = {
  name: 'fencing',
  expectation: 'accepted epochs never decrease, and each belongs to one term of one node',
  applies: ({ expect }) => expect.epochs || 'effects carry no epochs in this fleet',
  start: (views) => new FencingRun(views),
};

/** What an epoch was first seen to belong to. */
interface Holding {
  readonly epoch: number;
  readonly term: string | undefined;
  readonly node: string;
  incarnation: string | undefined;
}

class FencingRun implements CheckerRun {
  readonly #findings = new Findings();
  readonly #views: Views;
  readonly #runs = new EpochRuns();
  readonly #believed = new BelievedLeadership();
  readonly #byEpoch = new Map<number, Holding>();
  readonly #byTerm = new Map<string, Holding>();
  /** Holdings that were reported, so that each is told once and not once an effect. */
  readonly #reported = new Set<string>();
  #withEpoch = 0;

  constructor(views: Views) {
    this.#views = views;
  }

  step(operation: Operation): void {
    if (operation.op === 'effect') this.#effect(operation);
    else if (operation.op === 'state') this.#state(operation);
  }

  finish(): CheckerFinding {
    this.#judgeOrder();
    if (this.#views.jobs.effectEntries === 0) {
      const detail = 'no effect was seen: no epoch was put to the test';
      this.#findings.add('inconclusive', { kind: 'no-effect', detail });
    }
    const { header, jobs } = this.#views;
    const untold = this.#withEpoch === 0 && jobs.effectEntries > 0;
    const notApplicable =
      header.expect.epochsIfTold && untold
        ? 'no effect carries an epoch: under which leadership this worker commits is not known'
        : undefined;
    const epochs = `epochs in ledger order: ${this.#runs.epochs}`;
    const { overlaps, longestMs } = this.#believed.finish(this.#views.jobs.lastAt);
    const apart =
      overlaps === 0
        ? 'no overlap of believed leadership'
        : `believed leadership overlapped ${overlaps} ×, at most ${longestMs.toFixed(0)} ms (allowed)`;
    return {
      findings: this.#findings,
      limit: 0,
      observed: `${epochs}; ${apart}`,
      ...(notApplicable === undefined ? {} : { notApplicable }),
    };
  }

  #effect(effect: EffectOperation): void {
    const { job, node, at, epoch, term, incarnation } = effect;
    if (epoch === undefined) {
      const detail = `the effect of ${job} was accepted without an epoch`;
      this.#findings.add('fail', { kind: 'no-epoch', job, node, at, detail });
      return;
    }
    this.#withEpoch += 1;
    if (this.#runs.add(effect, epoch)) return;
    this.#bind({ epoch, term, node, incarnation }, at);
  }

  #state(state: StateOperation): void {
    this.#believed.step(state);
    const { epoch, term, node, incarnation, at } = state;
    // A standby may say which epoch it sees; only who leads, or did until now, says its own.
    const own = state.state === 'active' || state.state === 'draining';
    if (own && epoch !== undefined) this.#bind({ epoch, term, node, incarnation }, at);
  }

  #bind(holding: Holding, at: number): void {
    const { epoch, term, node } = holding;
    const sameEpoch = this.#byEpoch.get(epoch);
    if (!sameEpoch) this.#byEpoch.set(epoch, holding);
    else if (!sameTerm(sameEpoch, holding)) {
      const detail = `epoch ${epoch} belongs to ${holderTold(sameEpoch)} and to ${holderTold(holding)}`;
      this.#report('epoch-shared', node, at, detail);
    } else sameEpoch.incarnation ??= holding.incarnation;
    if (term === undefined) return;
    const sameName = this.#byTerm.get(term);
    if (!sameName) this.#byTerm.set(term, holding);
    else if (sameName.epoch !== epoch) {
      const detail = `term ${term} has the epochs ${sameName.epoch} and ${epoch}`;
      this.#report('term-split', node, at, detail);
    }
  }

  #report(kind: string, node: string, at: number, detail: string): void {
    if (this.#reported.has(detail)) return;
    this.#reported.add(detail);
    const blame =
      this.#views.jobs.storeLossAt <= at
        ? `${detail}; the store had ${this.#views.jobs.storeLoss}`
        : detail;
    this.#findings.add('fail', { kind, node, at, detail: blame });
  }

  #judgeOrder(): void {
    const { decreases, collisions } = this.#runs.judge();
    for (const { run, highest } of decreases) {
      const { node, job, at, fromPosition, toPosition, epoch } = run;
      const storeLost = this.#views.jobs.storeLossAt >= highest.at;
      const detail =
        `${node} had effects accepted under epoch ${epoch} (positions ${fromPosition} to ` +
        `${toPosition}) after epoch ${highest.epoch} of ${highest.node}` +
        (storeLost ? `; the store had ${this.#views.jobs.storeLoss}` : '');
      const count = toPosition - fromPosition + 1;
      this.#findings.add('fail', { kind: 'epoch-decreased', job, node, at, detail }, count);
    }
    for (const run of collisions) {
      const { job, node, at, fromPosition } = run;
      const detail = `position ${fromPosition} was given twice: the order of the ledger is not known`;
      this.#findings.add('inconclusive', { kind: 'position-twice', job, node, at, detail });
    }
  }
}

function sameTerm(a: Holding, b: Holding): boolean {
  const terms = a.term === undefined || b.term === undefined || a.term === b.term;
  const incarnations =
    a.incarnation === undefined || b.incarnation === undefined || a.incarnation === b.incarnation;
  return terms && incarnations && a.node === b.node;
}

function holderTold({ term, node, incarnation }: Holding): string {
  const named = incarnation === undefined ? node : `${node} (${incarnation})`;
  return term === undefined ? named : `term ${term} of ${named}`;
}
