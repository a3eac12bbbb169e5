import { type CancelTimer, type Timers } from '@understudy/runtime';
import type { Fetched } from './consumer.ts';
import type { Entry, Notes } from './stream-job.ts';

/** What a loop fetches for. */
export interface Demand {
  /** Slots that wait for a job. */
  readonly callers: number;
  /** Jobs that were fetched and could be handed out now; and all that were not handed out. */
  readonly ready: number;
  readonly shelved: number;
  /** Slots there are. */
  readonly slots: number;
  /** Jobs handed out since the beginning. */
  readonly handedOut: number;
}

/** What a loop works with. */
export interface LoopPorts {
  fetch(cursor: string, count: number): Promise<Fetched>;
  /** What must have happened before the first fetch; false while it cannot. */
  prepare(): Promise<boolean>;
  /** Resolves when there may be an entry after `lastId`; at the latest after `forMs`. */
  wait(lastId: string, forMs: number): Promise<void>;
  demand(): Demand;
  arrived(entries: readonly Entry[], notes: readonly Notes[] | undefined): void;
  /** This consumer's term is not the current one. */
  fenced(): void;
  onTrouble(error: unknown): void;
  readonly timers: Timers;
}

/** Entries of one fetch, and entries that wait for a slot or for their key, at most. */
const MOST = 200;
/** The longest rest: a wake-up that got lost costs no more than this. */
const REST_MAX_MS = 1000;
const TROUBLE_REST_MS = 100;
const BEGINNING = '0-0';

/**
 * Fetches for all slots of a consumer, one batch at a time. It fetches ahead only as much as was used
 * up while the last batch was on its way: a node whose jobs take long leaves the others theirs.
 */
export class FetchLoop {
  readonly #ports: LoopPorts;
  /** What came up to here has been seen. */
  #cursor = BEGINNING;
  #lastId = BEGINNING;
  #ahead = 0;
  #rescan = false;
  #fetching = false;
  #waiting = false;
  /** The last answer was that there is no more. */
  #drained = false;
  #scheduled = false;
  #closed = false;
  #cancelRest: CancelTimer | undefined;

  constructor(ports: LoopPorts) {
    this.#ports = ports;
  }

  /** Something about the demand has changed. */
  demanded(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    // Slots ask one after the other, in one moment: one batch is for all of them.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#step();
    });
  }

  /** There are entries to fetch: no need to wait for a new one. */
  nudge(): void {
    this.#drained = false;
    this.demanded();
  }

  /** Looks at all that this consumer holds: there may be entries that it was never told of. */
  rescan(): void {
    this.#rescan = true;
    this.nudge();
  }

  /** Fetches no more. What is on its way still arrives. */
  close(): void {
    this.#closed = true;
    this.#cancelRest?.();
  }

  #step(): void {
    if (this.#closed || this.#fetching || this.#cancelRest) return;
    const demand = this.#ports.demand();
    const count = this.#count(demand);
    if (count <= 0) return;
    if (!this.#drained) void this.#fetch(count);
    else if (demand.callers > 0) void this.#wait();
  }

  #count({ callers, ready, shelved }: Demand): number {
    if (callers === 0 && 2 * ready > this.#ahead) return 0;
    return Math.min(MOST, callers + this.#ahead - ready, 2 * MOST - shelved);
  }

  async #fetch(count: number): Promise<void> {
    this.#fetching = true;
    const { handedOut, slots } = this.#ports.demand();
    try {
      if (await this.#ports.prepare()) {
        if (this.#rescan) this.#cursor = BEGINNING;
        this.#rescan = false;
        const fetched = await this.#ports.fetch(this.#cursor, count);
        if (fetched.status === 'entries') {
          this.#seen(fetched, count);
          const used = this.#ports.demand().handedOut - handedOut;
          this.#ahead = Math.min(slots, MOST, Math.max(2 * used, this.#ahead >> 1));
          this.#ports.arrived(fetched.entries, fetched.notes);
        } else {
          this.#ports.fenced();
          this.#rest();
        }
      } else this.#rest();
    } catch (error) {
      // A reply may be lost, and what it brought is held all the same.
      this.#rescan = true;
      this.#ports.onTrouble(error);
      this.#rest();
    }
    this.#fetching = false;
    this.demanded();
  }

  #seen({ entries, lastId }: Fetched & { status: 'entries' }, count: number): void {
    for (const [id] of entries) if (isAfter(id, this.#cursor)) this.#cursor = id;
    this.#drained = entries.length < count;
    if (lastId !== '') this.#lastId = lastId;
  }

  #rest(): void {
    if (this.#closed) return;
    this.#cancelRest ??= this.#ports.timers.after(TROUBLE_REST_MS, () => {
      this.#cancelRest = undefined;
      this.nudge();
    });
  }

  async #wait(): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    await this.#ports.wait(this.#lastId, REST_MAX_MS);
    this.#waiting = false;
    this.nudge();
  }
}

/** Whether entry `a` stands after entry `b` in a stream. */
function isAfter(a: string, b: string): boolean {
  // A dash comes before all digits, so ids of one length are in the order of their characters.
  if (a.length === b.length) return a > b;
  const [aMs = 0, aSequence = 0] = a.split('-').map(Number);
  const [bMs = 0, bSequence = 0] = b.split('-').map(Number);
  return aMs === bMs ? aSequence > bSequence : aMs > bMs;
}
