/** How much may travel together. */
export interface BatchBounds {
  /** Requests of a batch. */
  readonly mostRequests: number;
  /** Their sizes together; a request that is larger travels alone. */
  readonly mostBytes: number;
  /**
   * With this many waiting, a second batch goes before the first is back, so that the server need not
   * wait while this process reads and writes. With fewer the two would only be smaller.
   */
  readonly overlapFrom: number;
  /**
   * With nothing on its way: whether what is asked in the same moment goes together, or the first alone at
   * once. Default: alone.
   */
  readonly momentTogether?: boolean;
}

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly sizeBytes: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Lets requests of many callers travel together, without anybody waiting for company: with nothing on
 * its way a request is sent at once; while a batch is on its way others gather, and go together
 * when it is back, or when they are many. So batches are as large as the load makes them (smart batching, Thompson 2011).
 */
export class Batches<Request, Answer> {
  readonly #bounds: BatchBounds;
  readonly #sizeOf: (request: Request) => number;
  readonly #send: (requests: readonly Request[]) => Promise<readonly (Answer | Error)[]>;
  #waiting: Waiting<Request, Answer>[] = [];
  #inFlight = 0;
  #gathering = false;

  /**
   * @param send resolves with an answer or an error for each request, in their order; where it rejects,
   *   that is what all of them are told
   */
  constructor(
    bounds: BatchBounds,
    sizeOf: (request: Request) => number,
    send: (requests: readonly Request[]) => Promise<readonly (Answer | Error)[]>,
  ) {
    this.#bounds = bounds;
    this.#sizeOf = sizeOf;
    this.#send = send;
  }

  /** Resolves or rejects with what `send` makes of this request. Order is kept. */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, sizeBytes: this.#sizeOf(request), resolve, reject });
      if (this.#inFlight === 0 && this.#bounds.momentTogether === true) this.#gather();
      else this.#next();
    });
  }

  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    queueMicrotask(() => {
      this.#gathering = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#waiting.length >= this.#enough()) {
      const batch = this.#take();
      this.#inFlight += 1;
      void this.#deliver(batch).then(() => {
        this.#inFlight -= 1;
        this.#next();
      });
    }
  }

  /** How many must wait for another batch to go. */
  #enough(): number {
    if (this.#inFlight === 0) return 1;
    return this.#inFlight === 1 ? this.#bounds.overlapFrom : Number.POSITIVE_INFINITY;
  }

  #take(): Waiting<Request, Answer>[] {
    const { mostRequests, mostBytes } = this.#bounds;
    let count = 0;
    for (let bytes = 0; count < Math.min(mostRequests, this.#waiting.length); count++) {
      bytes += this.#waiting[count]?.sizeBytes ?? 0;
      if (bytes > mostBytes && count > 0) break;
    }
    return this.#waiting.splice(0, count);
  }

  async #deliver(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.#send(batch.map(({ request }) => request));
      for (const [i, { resolve, reject }] of batch.entries()) {
        const answer = answers[i];
        if (answer === undefined) reject(new Error('the batch came back without its answer'));
        else if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
