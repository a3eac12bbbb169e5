import type { CancelTimer, Clock, Timers } from '@understudy/runtime';
import type { LabMetrics } from '@understudy/telemetry';
import type { LabEvent } from '../runner/events.ts';

/**
 * A fault counts as in force for at least so long, in ms: one that is over in an instant would fall
 * between two scrapes, and nobody would see that it was.
 */
const LEAST_SHOWN_MS = 2500;

/** What it takes to keep the lab's metrics. */
export interface LabRecorderOptions {
  readonly metrics: LabMetrics;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Keeps the lab's metrics by what the lab says of a run. Disposing it leaves no timer. */
export class LabRecorder implements Disposable {
  readonly #options: LabRecorderOptions;
  readonly #inForce = new Map<string, { fault: string; requested: string; sinceMs: number }>();
  readonly #seen = new Set<string>();
  readonly #ending = new Set<CancelTimer>();

  constructor(options: LabRecorderOptions) {
    this.#options = options;
  }

  /** Takes note of an event. */
  observe(event: LabEvent): void {
    if (!('op' in event)) return;
    const { metrics, clock } = this.#options;
    if (event.op === 'effect') {
      metrics.effectObserved(!this.#seen.has(event.job));
      this.#seen.add(event.job);
    }
    if (event.op !== 'fault') return;
    const { id, fault, phase } = event;
    // As the schedule has it: the labels of what may come are there from the beginning.
    const requested = event.requested ?? event.target;
    if (phase === 'inject') {
      metrics.faultInjected(fault, requested);
      this.#inForce.set(id, { fault, requested, sinceMs: clock.monotonicMs() });
    }
    if (phase === 'healed' || phase === 'refused') this.#over(id);
  }

  [Symbol.dispose](): void {
    for (const cancel of this.#ending) cancel();
    this.#ending.clear();
  }

  #over(id: string): void {
    const { metrics, clock, timers } = this.#options;
    const over = this.#inForce.get(id);
    if (!over) return;
    this.#inForce.delete(id);
    const shownMs = clock.monotonicMs() - over.sinceMs;
    const cancel = timers.after(Math.max(0, LEAST_SHOWN_MS - shownMs), () => {
      this.#ending.delete(cancel);
      metrics.faultHealed(over.fault, over.requested);
    });
    this.#ending.add(cancel);
  }
}
