import { type BatchBounds, Batches } from '@understudy/runtime';
import { type Persistence, untilAnswered } from '../until-answered.ts';
import type { Consumer } from './consumer.ts';

/** Slots end in one moment; of entries only the ids travel. */
const BOUNDS: BatchBounds = {
  mostRequests: 500,
  mostBytes: Number.POSITIVE_INFINITY,
  overlapFrom: Number.POSITIVE_INFINITY,
  momentTogether: true,
};
const sizeOf = (entry: string): number => entry.length;

/**
 * What a consumer says of entries that it holds, for as long as it takes. Each answers whether the
 * entry was its own; not so either when the lane is closed first.
 */
export class Settlements {
  readonly #persistence: Persistence;
  readonly #consumer: Consumer;
  readonly #completions: Batches<string, boolean>;
  readonly #returns: Batches<string, boolean>;

  constructor(consumer: Consumer, persistence: Persistence) {
    this.#persistence = persistence;
    this.#consumer = consumer;
    this.#completions = new Batches(BOUNDS, sizeOf, (entries) => consumer.acknowledge(entries));
    this.#returns = new Batches(BOUNDS, sizeOf, (entries) => consumer.giveBack(entries));
  }

  complete(entry: string): Promise<boolean> {
    return this.#until(() => this.#completions.ask(entry));
  }

  giveBack(entry: string): Promise<boolean> {
    return this.#until(() => this.#returns.ask(entry));
  }

  park(entry: string, reason: string): Promise<boolean> {
    return this.#until(() => this.#consumer.park(entry, reason));
  }

  noteFailures(entry: string, failures: number): Promise<boolean> {
    return this.#until(() => this.#consumer.noteFailures(entry, failures));
  }

  noteAlone(entry: string, alone: boolean): Promise<boolean> {
    return this.#until(() => this.#consumer.noteAlone(entry, alone));
  }

  async #until(ask: () => Promise<boolean>): Promise<boolean> {
    return (await untilAnswered(this.#persistence, ask)) === true;
  }
}
