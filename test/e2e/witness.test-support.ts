import type { LabEvent } from '@understudy/testkit';

/** Collects the events of a run, and says when one comes that `wanted` describes. */
export class Witness {
  readonly events: LabEvent[] = [];
  readonly #waiting: { wanted: (event: LabEvent) => boolean; seen: () => void }[] = [];

  /** To be given to the run. */
  readonly observe = (event: LabEvent): void => {
    this.events.push(event);
    for (const { wanted, seen } of this.#waiting) if (wanted(event)) seen();
  };

  /** Resolves with the next event that is `wanted`. */
  next(wanted: (event: LabEvent) => boolean): Promise<void> {
    return new Promise((seen) => this.#waiting.push({ wanted, seen }));
  }

  /** Resolves when an effect at `position` of the effect log or behind it was seen, now or earlier. */
  effects(position: number): Promise<void> {
    const there = (event: LabEvent): boolean =>
      'op' in event && event.op === 'effect' && event.position >= position;
    return this.events.some(there) ? Promise.resolve() : this.next(there);
  }

  /** How often a node became active. */
  get elections(): number {
    return this.events.filter(isElection).length;
  }
}

/** A node said that it is active. */
export function isElection(event: LabEvent): boolean {
  return 'op' in event && event.op === 'state' && event.state === 'active';
}

/** A node said that it is passive. */
export function isStepDown(event: LabEvent): boolean {
  return 'op' in event && event.op === 'state' && event.state === 'passive';
}
