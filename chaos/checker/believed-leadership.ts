import type { StateOperation } from '@understudy/history';

/** How often and how long several nodes believed to lead at the same time. */
export interface BelievedOverlap {
  readonly overlaps: number;
  readonly longestMs: number;
}

/** Follows who believes to lead. An overlap lasts from a second believer until one is left. */
export class BelievedLeadership {
  readonly #active = new Set<string>();
  #sinceAt: number | undefined;
  #overlaps = 0;
  #longestMs = 0;

  /** Takes the next state of a node. */
  step({ node, state, at }: StateOperation): void {
    if (state === 'active') this.#active.add(node);
    else this.#active.delete(node);
    if (this.#active.size > 1 && this.#sinceAt === undefined) {
      this.#sinceAt = at;
      this.#overlaps += 1;
    }
    if (this.#active.size <= 1) this.#close(at);
  }

  /** Closes what still overlaps at `lastAt`. */
  finish(lastAt: number): BelievedOverlap {
    this.#close(lastAt);
    return { overlaps: this.#overlaps, longestMs: this.#longestMs };
  }

  #close(at: number): void {
    if (this.#sinceAt === undefined) return;
    this.#longestMs = Math.max(this.#longestMs, at - this.#sinceAt);
    this.#sinceAt = undefined;
  }
}
