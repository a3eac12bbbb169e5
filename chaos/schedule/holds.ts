import type { Place } from './step.ts';

/** What the faults in force have in their hands: a target at a place belongs to one at a time. */
export class Holds {
  readonly #held = new Map<string, Set<Place>>();

  /** Whether any fault has the target in its hands, at whatever place. */
  any(target: string): boolean {
    return (this.#held.get(target)?.size ?? 0) > 0;
  }

  /** Whether a fault acts on the target at this place. */
  at(target: string, place: Place): boolean {
    return this.#held.get(target)?.has(place) ?? false;
  }

  take(target: string, place: Place): void {
    let places = this.#held.get(target);
    if (!places) this.#held.set(target, (places = new Set()));
    places.add(place);
  }

  letGo(target: string, place: Place): void {
    this.#held.get(target)?.delete(place);
  }
}
