import type { Timers } from '@understudy/runtime';
import { type MetricsPage, openMetricsPage } from './metrics-page.ts';

/**
 * What a checker says; the place in this list is the value of `understudy_verdict`, and the first
 * means that it has not judged yet.
 */
export const VERDICTS = ['not-yet', 'pass', 'fail', 'inconclusive', 'not-applicable'] as const;

/** What a run can come to, so that all of it is there from the beginning. */
export interface LabScope {
  /** Each fault with the role or place that it is aimed at, as the schedule has them. */
  readonly faults: readonly { readonly fault: string; readonly target: string }[];
  /** The checkers by name. */
  readonly checkers: readonly string[];
}

/** Opens the metrics of a run of the lab. */
export async function openLabMetrics(
  labels: { readonly group: string; readonly mode: string },
  scope: LabScope,
  timers?: Timers,
): Promise<LabMetrics> {
  return new LabMetrics(await openMetricsPage({ ...labels }, timers), scope);
}

/** What the lab sees and does in a run. Recording is synchronous and never throws. */
export class LabMetrics {
  readonly page: MetricsPage;
  readonly #active;
  readonly #injected;
  readonly #verdict;
  readonly #effects;
  readonly #duplicates;
  readonly #inForce = new Map<string, number>();

  constructor(page: MetricsPage, { faults, checkers }: LabScope) {
    this.page = page;
    const pairs = faults.map(({ fault, target }) => ({ fault, target }));
    const names = [...new Set(faults.map(({ fault }) => fault))];
    this.#active = page.gauge(
      'understudy_fault_active',
      'Whether the fault is in force, by the role or place that was aimed at: 1 or 0.',
      { by: ['fault', 'target'], sets: pairs },
    );
    this.#injected = page.counter(
      'understudy_faults_injected_total',
      'How often the fault was injected.',
      { by: ['fault'], sets: names.map((fault) => ({ fault })) },
    );
    this.#verdict = page.gauge(
      'understudy_verdict',
      'What the checker says: 0 not yet, 1 pass, 2 fail, 3 inconclusive, 4 not applicable.',
      { by: ['checker'], sets: checkers.map((checker) => ({ checker })) },
    );
    this.#effects = page.counter(
      'understudy_effects_observed_total',
      'Effects that were seen in the effect log.',
    );
    this.#duplicates = page.counter(
      'understudy_duplicate_effects_total',
      'Effects that were seen of jobs which had taken effect before.',
    );
  }

  /** `fault` was injected at `target`, and is in force. */
  faultInjected(fault: string, target: string): void {
    this.#injected.inc({ fault });
    this.#active.set({ fault, target }, 1);
    this.#count(fault, target, 1);
  }

  /** `fault` is in force no more. */
  faultHealed(fault: string, target: string): void {
    if (this.#count(fault, target, -1) <= 0) this.#active.set({ fault, target }, 0);
  }

  /** The same fault may be in force twice: it is over when both are healed. */
  #count(fault: string, target: string, by: number): number {
    const place = `${fault} ${target}`;
    const count = (this.#inForce.get(place) ?? 0) + by;
    this.#inForce.set(place, count);
    return count;
  }

  /** A checker has judged. */
  verdict(checker: string, verdict: Exclude<(typeof VERDICTS)[number], 'not-yet'>): void {
    this.#verdict.set({ checker }, VERDICTS.indexOf(verdict));
  }

  /** An effect was seen; `first` is whether it was the first of its job. */
  effectObserved(first: boolean): void {
    this.#effects.inc();
    if (!first) this.#duplicates.inc();
  }
}
