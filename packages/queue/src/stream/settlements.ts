import { type Persistence, untilAnswered } from '../until-answered.ts';
import { Batches } from './batches.ts';
import type { Consumer } from './consumer.ts';

/** Entries that are completed, or given back, in one call at most. */
const MOST = 500;

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
    this.#completions = new Batches((entries) => consumer.acknowledge(entries), MOST);
    this.#returns = new Batches((entries) => consumer.giveBack(entries), MOST);
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
