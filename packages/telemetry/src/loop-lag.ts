import { type Clock, systemClock, systemTimers, type Timers } from '@understudy/runtime';

const PERIOD_MS = 20;
const WINDOW_MS = 1000;
const SAMPLES = WINDOW_MS / PERIOD_MS;

/**
 * How late the event loop is: a timer that is due every 20 ms notes by how much it missed its time.
 * Histograms of Node.js' own would know no end of the second that is asked for.
 */
export class LoopLag {
  readonly #clock: Clock;
  readonly #samples: { readonly atMs: number; readonly lateMs: number }[] = [];
  readonly #stop: () => void;
  #lastMs: number;

  constructor(clock: Clock = systemClock, timers: Timers = systemTimers) {
    this.#clock = clock;
    this.#lastMs = clock.monotonicMs();
    this.#stop = timers.every(PERIOD_MS, () => this.#note());
  }

  /** By how many seconds it was late in the last second, at the 99th percentile. */
  seconds(): number {
    const fromMs = this.#clock.monotonicMs() - WINDOW_MS;
    const late = this.#samples.filter(({ atMs }) => atMs > fromMs).map(({ lateMs }) => lateMs);
    late.sort((a, b) => a - b);
    return (late[Math.max(0, Math.ceil(0.99 * late.length) - 1)] ?? 0) / 1000;
  }

  /** Stops looking. */
  stop(): void {
    this.#stop();
  }

  #note(): void {
    const atMs = this.#clock.monotonicMs();
    this.#samples.push({ atMs, lateMs: Math.max(0, atMs - this.#lastMs - PERIOD_MS) });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#lastMs = atMs;
  }
}
