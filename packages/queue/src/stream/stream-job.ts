import { canonicalDigest } from '../digest.ts';
import type { Completion, FetchedJob } from '../lane.ts';

/** An entry of the stream as Redis gives it: its id, and its fields and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** What is known of an entry beyond its fields: recoveries, failures, why it is to be given up. */
export type Notes = readonly [string | null, string | null, string | null];

/** By what the order of jobs is kept: those with the same key, one after the other. */
export type OrderKey = (data: Record<string, unknown> & { id: string }) => string | undefined;

/** Settles the jobs that it gave out. */
export interface Holder {
  complete(job: StreamJob, options: { fetchNext: boolean }): Promise<Completion>;
  handBack(job: StreamJob): Promise<'returned' | 'lost'>;
  failAttempt(job: StreamJob, error: unknown): Promise<'retry' | 'parked' | 'lost'>;
  park(job: StreamJob, reason: string): Promise<'parked' | 'lost'>;
}

/** What an entry is read with. */
export interface Reading {
  readonly holder: Holder;
  readonly orderKey: OrderKey | undefined;
}

/** A job that a consumer of this process holds. */
export class StreamJob implements FetchedJob {
  readonly entry: Entry;
  readonly data: Record<string, unknown> & { id: string };
  /** `undefined` where it waits for no other. */
  readonly key: string | undefined;
  readonly recoveries: number;
  /** How often its handler has failed. */
  readonly failures: number;
  /** Why it is to be parked without another attempt, decided by whoever took it over. */
  readonly condemned: string | undefined;
  readonly holder: Holder;
  alone = false;
  #digest: string | undefined;

  constructor(entry: Entry, data: StreamJob['data'], reading: Reading, notes?: Notes) {
    this.entry = entry;
    this.data = data;
    this.key = reading.orderKey?.(data);
    this.holder = reading.holder;
    this.recoveries = Number(notes?.[0] ?? 0);
    this.failures = Number(notes?.[1] ?? 0);
    this.condemned = notes?.[2] ?? undefined;
  }

  get id(): string {
    return this.data.id;
  }

  get queueId(): string {
    return this.entry[0];
  }

  /** The same entry for another attempt, as it came: a handler may have changed its data. */
  again(failures: number): StreamJob {
    const text = this.entry[1][this.entry[1].indexOf('data') + 1] ?? '{}';
    const data = { ...(JSON.parse(text) as object), id: this.id };
    const reading = { holder: this.holder, orderKey: () => this.key };
    const notes = [String(this.recoveries), String(failures), null] as const;
    return new StreamJob(this.entry, data, reading, notes);
  }

  get attempt(): number {
    return 1 + this.failures + this.recoveries;
  }

  get digest(): string {
    return (this.#digest ??= canonicalDigest(this.data));
  }
}
