import type { FaultProxy } from './fault-proxy.ts';
import { orderSchema, type Report } from './messages.ts';
import type { Tally } from './trouble.ts';

/**
 * Somebody who gives orders to a proxy that serves on its own, and may not come back: what is still in
 * force when they have gone is healed.
 */
export class Master {
  /** Before the names of its troubles, so that two masters may use the same. */
  readonly prefix: string;
  readonly #proxy: FaultProxy;
  readonly #tell: (report: Report) => void;
  readonly #inForce = new Set<string>();

  constructor(prefix: string, proxy: FaultProxy, tell: (report: Report) => void) {
    this.prefix = prefix;
    this.#proxy = proxy;
    this.#tell = tell;
  }

  /**
   * Does what a line says.
   * @throws {Error} what is no order, or none that can be obeyed now
   */
  obey(line: string): void {
    const order = orderSchema.parse(JSON.parse(line));
    if (order.order === 'serve') throw new TypeError('it serves already');
    // Only who starts a node needs to know when it has begun to talk.
    if (order.order === 'watch') throw new TypeError('nobody starts nodes behind it');
    const { id } = order;
    if (order.order === 'inject') {
      if (this.#inForce.has(id)) throw new TypeError(`${id} is in force already`);
      this.#inForce.add(id);
      this.#proxy.inject(this.prefix + id, order.trouble);
      return;
    }
    if (!this.#inForce.delete(id)) throw new TypeError(`${id} is not in force`);
    this.#tell({ report: 'healed', id, tally: this.#proxy.heal(this.prefix + id) });
  }

  /** A trouble of this master has affected something. */
  landed(id: string, tally: Tally): void {
    this.#tell({ report: 'landed', id: id.slice(this.prefix.length), tally });
  }

  /** Heals whatever is in force still; returns how much that was. */
  leave(): number {
    const left = [...this.#inForce];
    this.#inForce.clear();
    for (const id of left) this.#proxy.heal(this.prefix + id);
    return left.length;
  }
}
