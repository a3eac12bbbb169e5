import { type Prng, seededPrng } from '@understudy/runtime';
import type { Direction, Tally, Trouble } from './trouble.ts';

/** A trouble that was injected and is not healed. */
export class Injected {
  readonly trouble: Trouble;
  readonly tally: Tally = {
    toRedisBytes: 0,
    fromRedisBytes: 0,
    closes: 0,
    attempts: 0,
    severed: 0,
  };
  readonly #onLanded: (tally: Tally) => void;
  readonly #prng: Prng;
  #landed = false;

  /** `onLanded` is called once, when something is affected for the first time. */
  constructor(trouble: Trouble, onLanded: (tally: Tally) => void) {
    this.trouble = trouble;
    this.#onLanded = onLanded;
    this.#prng = seededPrng(trouble.kind === 'delay' ? trouble.seed : '');
  }

  /** Whether it has affected anything. */
  get landed(): boolean {
    return this.#landed;
  }

  /** Counts bytes it affected. */
  bytes(direction: Direction, count: number): void {
    this.tally[direction === 'to-redis' ? 'toRedisBytes' : 'fromRedisBytes'] += count;
    if (count > 0) this.#land();
  }

  /** Counts something else that it affected. */
  count(what: 'closes' | 'attempts' | 'severed', by = 1): void {
    this.tally[what] += by;
    if (by > 0) this.#land();
  }

  /** How long the next piece waits, in ms. */
  drawDelayMs(): number {
    if (this.trouble.kind !== 'delay') return 0;
    return this.trouble.delayMs + this.#prng.float() * this.trouble.jitterMs;
  }

  #land(): void {
    if (this.#landed) return;
    this.#landed = true;
    this.#onLanded(this.tally);
  }
}

/** What is in force for one direction of the connections to one server. */
export class Rules {
  readonly direction: Direction;
  /** Whether nothing is. It is asked for every piece that passes. */
  calm = true;
  withholding: readonly Injected[] = [];
  dropping: readonly Injected[] = [];
  /** Delays and rates. */
  pacing: readonly Injected[] = [];

  constructor(direction: Direction) {
    this.direction = direction;
  }

  /** Makes the rules those of `injected`. */
  set(injected: readonly Injected[]): void {
    const of = (...kinds: Trouble['kind'][]): Injected[] =>
      injected.filter(({ trouble }) => kinds.includes(trouble.kind));
    this.withholding = of('withhold');
    this.dropping = of('drop');
    this.pacing = of('delay', 'throttle');
    this.calm = [this.withholding, this.dropping, this.pacing].every((list) => list.length === 0);
  }

  /** The lowest rate in force, in bytes a second; infinite where there is none. */
  get bytesPerSecond(): number {
    return this.pacing.reduce(
      (rate, { trouble }) =>
        trouble.kind === 'throttle' ? Math.min(rate, trouble.bytesPerSecond) : rate,
      Number.POSITIVE_INFINITY,
    );
  }

  /** How long a piece that arrives now waits, all delays together, in ms. */
  drawDelayMs(): number {
    return this.pacing.reduce((sum, injected) => sum + injected.drawDelayMs(), 0);
  }
}
