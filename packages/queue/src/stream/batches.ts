interface Asked<I, O> {
  readonly item: I;
  resolve(answer: O): void;
  reject(error: unknown): void;
}

/**
 * Questions that are ready together travel together: while one call is on its way the next ones
 * collect, so that nothing waits for a timer and a busy process makes few calls.
 */
export class Batches<I, O> {
  readonly #send: (items: readonly I[]) => Promise<readonly O[]>;
  readonly #most: number;
  #next: Asked<I, O>[] = [];
  #sending = false;

  /** @param send answers `items`, one answer each, in their order; at most `most` of them */
  constructor(send: (items: readonly I[]) => Promise<readonly O[]>, most: number) {
    this.#send = send;
    this.#most = most;
  }

  ask(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#next.push({ item, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      // Whatever is ready in the same moment comes along.
      queueMicrotask(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#next.length > 0) {
      const batch = this.#next.slice(0, this.#most);
      this.#next = this.#next.slice(this.#most);
      try {
        const answers = await this.#send(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => resolve(answers[i] as O));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = false;
  }
}
