/** Work that nobody waits for now, and somebody does in the end. */
export class PendingWork {
  readonly #pending = new Set<Promise<unknown>>();

  /** How much of it goes on. */
  get size(): number {
    return this.#pending.size;
  }

  /** Takes `work` on. It must not reject: nobody would hear of it. */
  add(work: Promise<unknown>): void {
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }

  /** Resolves when nothing goes on any more, what was begun meanwhile included. */
  async over(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}
