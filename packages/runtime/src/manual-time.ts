import type { Clock } from './clock.ts';
import type { CancelTimer, Timers } from './timers.ts';

interface Entry {
  dueMs: number;
  order: number;
  periodMs: number | undefined;
  callback: () => void;
}

/**
 * A clock and timers that stand still until told to move: what tests of time-dependent code use
 * instead of waiting. Callbacks due at the same time run in the order they were scheduled.
 */
export class ManualTime implements Clock, Timers {
  #nowMs: number;
  #order = 0;
  readonly #entries = new Set<Entry>();

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  /** How many callbacks are still scheduled: zero is what a leak check wants to see. */
  get pending(): number {
    return this.#entries.size;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    return this.#schedule(delayMs, undefined, callback);
  }

  every(periodMs: number, callback: () => void): CancelTimer {
    return this.#schedule(periodMs, periodMs, callback);
  }

  /** Moves time forward by `byMs`, running what falls due on the way, each at its own time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#nextDue(untilMs); next; next = this.#nextDue(untilMs)) {
      this.#nowMs = next.dueMs;
      if (next.periodMs === undefined) this.#entries.delete(next);
      else next.dueMs += next.periodMs;
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  #schedule(delayMs: number, periodMs: number | undefined, callback: () => void): CancelTimer {
    this.#order += 1;
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    const entry: Entry = { dueMs, order: this.#order, periodMs, callback };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  #nextDue(untilMs: number): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.dueMs > untilMs) continue;
      const earlier = !next || entry.dueMs < next.dueMs;
      if (earlier || (entry.dueMs === next?.dueMs && entry.order < next.order)) next = entry;
    }
    return next;
  }
}
