/** How many are put in before a new table is begun, at least. */
const RENEW_AFTER = 1024;
/** And for each that has to move into it. */
const RENEW_AFTER_EACH = 8;

/**
 * A `Map` whose entries come and go, many times a second, for as long as the process lives. Now and then it
 * moves into a new one. In one and the same, each table that V8 has outgrown refers to the one that took
 * its place: once one of them is old, it keeps all later ones alive, with whatever stood in them, until a
 * collection of the old generation. Measured: collections of the young one take ten times as long.
 */
export class TransientMap<K, V> {
  #entries = new Map<K, V>();
  #untilRenewed = RENEW_AFTER;

  get size(): number {
    return this.#entries.size;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    if (this.#untilRenewed === 0) this.#renew();
    this.#untilRenewed -= 1;
    this.#entries.set(key, value);
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries = new Map();
    this.#untilRenewed = RENEW_AFTER;
  }

  /** The values as they are now, in the order in which their keys came. */
  values(): V[] {
    return [...this.#entries.values()];
  }

  #renew(): void {
    this.#entries = new Map(this.#entries);
    this.#untilRenewed = RENEW_AFTER + RENEW_AFTER_EACH * this.#entries.size;
  }
}
