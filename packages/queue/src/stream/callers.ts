interface Caller<J> {
  resolve(job: J | undefined): void;
}

/** Slots that wait for a job, in the order in which they came. */
export class Callers<J> {
  readonly #waiting = new Set<Caller<J>>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for a job; `undefined` when `signal` aborts or nothing more will come. */
  wait(signal: AbortSignal): Promise<J | undefined> {
    return new Promise((resolve) => {
      const caller: Caller<J> = {
        resolve(job) {
          signal.removeEventListener('abort', giveUp);
          resolve(job);
        },
      };
      const giveUp = (): void => {
        if (this.#waiting.delete(caller)) caller.resolve(undefined);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(caller);
    });
  }

  /** Gives `job` to who has waited longest; there must be somebody. */
  serve(job: J): void {
    for (const caller of this.#waiting) {
      this.#waiting.delete(caller);
      caller.resolve(job);
      return;
    }
  }

  /** Nothing more will come. */
  close(): void {
    for (const caller of this.#waiting) caller.resolve(undefined);
    this.#waiting.clear();
  }
}
