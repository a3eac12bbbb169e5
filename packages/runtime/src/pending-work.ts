/** Work that nobody waits for now, and somebody does in the end. */
export class PendingWork {
  /** A number, and no set of promises: there may be thousands a second (see `TransientMap`). */
  #size = 0;
  #over: PromiseWithResolvers<void> | undefined;

  /** How much of it goes on. */
  get size(): number {
    return this.#size;
  }

  /** Takes `work` on. It must not reject: nobody would hear of it. */
  add(work: Promise<unknown>): void {
    this.#size += 1;
    void work.finally(() => {
      this.#size -= 1;
      if (this.#size > 0) return;
      this.#over?.resolve();
      this.#over = undefined;
    });
  }

  /** Resolves when nothing goes on any more, what was begun meanwhile included. */
  async over(): Promise<void> {
    while (this.#size > 0) {
      this.#over ??= Promise.withResolvers();
      await this.#over.promise;
    }
  }
}
