import type { Operation, StateOperation } from '@understudy/history';

/** A term of leadership, as nodes told it. */
export interface Term {
  readonly node: string;
  readonly epoch: number;
  readonly fromAt: number;
  readonly untilAt: number;
}

/**
 * The terms of a run in which the lead was lost. A term begins when a node says that it leads under
 * an epoch, and ends when it says that it does not, or another leads under a higher one. Who drains,
 * stops or dies has not lost the lead.
 */
export class LeadershipTerms {
  readonly #terms: Term[] = [];
  #current: Omit<Term, 'untilAt'> | undefined;

  /** Takes the next operation. */
  step(operation: Operation): void {
    if (operation.op === 'state') this.#state(operation);
  }

  /** The longest row of terms of a kind, one after the other. */
  longestRow(isOfKind: (term: Term) => boolean): readonly Term[] {
    let longest: readonly Term[] = [];
    let row: Term[] = [];
    for (const term of this.#terms) {
      row = isOfKind(term) ? [...row, term] : [];
      if (row.length > longest.length) longest = row;
    }
    return longest;
  }

  #state({ node, state, epoch, at }: StateOperation): void {
    const current = this.#current;
    if (state === 'active' && epoch !== undefined) {
      if (current && epoch <= current.epoch) return;
      this.#end(at);
      this.#current = { node, epoch, fromAt: at };
    } else if (node === current?.node) {
      if (state === 'passive') this.#end(at);
      this.#current = undefined;
    }
  }

  #end(untilAt: number): void {
    if (this.#current) this.#terms.push({ ...this.#current, untilAt });
    this.#current = undefined;
  }
}
