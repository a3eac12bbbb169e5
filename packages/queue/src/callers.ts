interface Caller<J> {
  readonly signal: AbortSignal;
  resolve(job: J | undefined): void;
}

/**
 * Slots that wait for a job, in the order in which they came. However many wait with one signal, one
 * listener stands at it: Node looks through all of them to add another, and each that was removed keeps
 * those alive that came after it, until a collection of the old generation.
 */
export class Callers<J> {
  /** A few hundred at most: as many as there are slots. */
  #waiting: Caller<J>[] = [];
  readonly #waitingWith = new Map<AbortSignal, number>();
  readonly #onGivenUp: () => void;

  /** @param onGivenUp called for each that goes because its signal aborted */
  constructor(onGivenUp: () => void = () => undefined) {
    this.#onGivenUp = onGivenUp;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Waits for a job; `undefined` when `signal`, which has not, aborts or nothing more will come. */
  wait(signal: AbortSignal): Promise<J | undefined> {
    return new Promise((resolve) => {
      const others = this.#waitingWith.get(signal) ?? 0;
      if (others === 0) signal.addEventListener('abort', this.#giveUp);
      this.#waitingWith.set(signal, others + 1);
      this.#waiting.push({ signal, resolve });
    });
  }

  /** Gives `job` to who has waited longest. @returns false when nobody waits */
  serve(job: J): boolean {
    const caller = this.#waiting.shift();
    if (!caller) return false;
    this.#answer(caller, job);
    return true;
  }

  /** Nothing more will come. */
  close(): void {
    for (const caller of this.#waiting.splice(0)) this.#answer(caller, undefined);
  }

  readonly #giveUp = ({ target }: Event): void => {
    const gone = this.#waiting.filter(({ signal }) => signal === target);
    this.#waiting = this.#waiting.filter(({ signal }) => signal !== target);
    for (const caller of gone) this.#answer(caller, undefined);
    for (let told = 0; told < gone.length; told++) this.#onGivenUp();
  };

  #answer({ signal, resolve }: Caller<J>, job: J | undefined): void {
    const others = (this.#waitingWith.get(signal) ?? 1) - 1;
    if (others > 0) this.#waitingWith.set(signal, others);
    else {
      this.#waitingWith.delete(signal);
      signal.removeEventListener('abort', this.#giveUp);
    }
    resolve(job);
  }
}
