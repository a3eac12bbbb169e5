import type { StallOperation } from '@understudy/history';

/** When the lab itself stood still. */
export class Stalls {
  readonly #stalls: { fromAt: number; untilAt: number }[] = [];

  /** Takes a stall: it lasted until it was recorded. */
  add({ at, durationMs }: StallOperation): void {
    const fromAt = Math.max(0, at - durationMs);
    const last = this.#stalls.at(-1);
    // What two watchers noticed at the same time is one stall.
    if (last && fromAt <= last.untilAt) last.untilAt = Math.max(last.untilAt, at);
    else this.#stalls.push({ fromAt, untilAt: at });
  }

  /** How long the longest stall was of those that touch the time between two instants, in ms. */
  longestMs(fromAt: number, untilAt: number): number {
    const touching = this.#stalls.filter(
      (stall) => stall.untilAt >= fromAt && stall.fromAt <= untilAt,
    );
    return Math.max(0, ...touching.map((stall) => stall.untilAt - stall.fromAt));
  }

  /** How much of the time between two instants the lab stood still, in ms. */
  withinMs(fromAt: number, untilAt: number): number {
    let totalMs = 0;
    for (const stall of this.#stalls) {
      const from = Math.max(fromAt, stall.fromAt);
      totalMs += Math.max(0, Math.min(untilAt, stall.untilAt) - from);
    }
    return totalMs;
  }
}
