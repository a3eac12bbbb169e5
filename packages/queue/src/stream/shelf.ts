/** What is put on a shelf. */
interface Ordered {
  /** Those with the same key are taken one after the other; `undefined` waits for no other. */
  readonly key: string | undefined;
}

/**
 * Jobs on their way to a handler, in the order in which they were put there. One whose key is taken,
 * by one that was handed out or stands before it, waits until that one is settled; others pass it.
 */
export class Shelf<J extends Ordered> {
  /** Those before `#head` are gone. */
  #ready: (J | undefined)[] = [];
  #head = 0;
  /** Keys that are taken, and who waits for them. */
  readonly #behind = new Map<string, J[] | null>();
  #waiting = 0;

  /** How many could be handed out now. */
  get ready(): number {
    return this.#ready.length - this.#head;
  }

  /** How many there are in all. */
  get size(): number {
    return this.ready + this.#waiting;
  }

  put(job: J): void {
    const { key } = job;
    if (key === undefined) {
      this.#ready.push(job);
      return;
    }
    const behind = this.#behind.get(key);
    if (behind === undefined) {
      this.#behind.set(key, null);
      this.#ready.push(job);
      return;
    }
    this.#waiting += 1;
    if (behind === null) this.#behind.set(key, [job]);
    else behind.push(job);
  }

  /** Puts a job back that was handed out: it keeps its key, and is the next. */
  again(job: J): void {
    if (this.#head > 0) {
      this.#head -= 1;
      this.#ready[this.#head] = job;
    } else this.#ready.unshift(job);
  }

  /** The next one that could be handed out. */
  peek(): J | undefined {
    return this.#ready[this.#head];
  }

  /** Hands out what `peek` shows. */
  shift(): J | undefined {
    const job = this.#ready[this.#head];
    if (job === undefined) return undefined;
    // It need not live as long as this array does.
    this.#ready[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 512 && 2 * this.#head > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }

  /** A job that was handed out is over: the next of its key may follow. */
  settled({ key }: J): void {
    if (key === undefined) return;
    const behind = this.#behind.get(key);
    const next = behind?.shift();
    if (next === undefined) {
      this.#behind.delete(key);
      return;
    }
    this.#waiting -= 1;
    this.#ready.push(next);
  }

  /** Takes everything off. What was handed out is not known here any more. */
  clear(): J[] {
    const ready = this.#ready.slice(this.#head).filter((job) => job !== undefined);
    const waiting = [...this.#behind.values()].flatMap((behind) => behind ?? []);
    this.#ready = [];
    this.#head = 0;
    this.#behind.clear();
    this.#waiting = 0;
    return [...ready, ...waiting];
  }
}
