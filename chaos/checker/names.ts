/** Names that repeat, kept once. */
export class Names {
  readonly #names: string[] = [];
  readonly #indexes = new Map<string, number>();

  add(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.#indexes.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  nameOf(index: number): string | undefined {
    return index === -1 ? undefined : this.#names[index];
  }
}
