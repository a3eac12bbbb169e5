import type { Options } from './options.ts';

/** Says how far a measurement is. */
export type Progress = (line: string) => void;

/** What a measurement is given. */
export interface Context {
  readonly options: Options;
  readonly progress: Progress;
}

/** What ours is compared with. */
export type Peer =
  | { readonly name: string; readonly figure: string }
  /** Why it could not be had on this machine. */
  | { readonly name: string; readonly absent: string };

/** Something that a figure must reach; `null` where it cannot be told, because a peer is absent. */
export interface Requirement {
  readonly text: string;
  readonly held: boolean | null;
}

/** What came of a measurement. */
export interface Measured {
  /** Our figure, with its unit. */
  readonly ours: string;
  readonly peers: readonly Peer[];
  /** Ours to the peer's, where there is one. */
  readonly ratio?: string;
  /** How many times. */
  readonly n: number;
  readonly required: readonly Requirement[];
  /** What it aims at, and need not reach. */
  readonly aims?: readonly Requirement[];
  /** How what was measured was set up. */
  readonly configuration: Readonly<Record<string, string | number | boolean>>;
  /** What else was seen: of the machine, of what bounds the figure. */
  readonly notes?: readonly string[];
  /** Every value that was measured, by what it is of. The unit is in the name. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** A row of the table: one file each. */
export interface Measurement {
  readonly name: string;
  readonly what: string;
  /** Whether it is measured when no row is named. */
  readonly byDefault: boolean;
  measure(context: Context): Promise<Measured>;
}

/** Requires that `value` is at most `limit`. */
export function atMost(name: string, value: number, limit: number, unit: string): Requirement {
  return { text: `${name} ≤ ${limit} ${unit}`.trimEnd(), held: value <= limit };
}

/** Requires that `value` is at least `limit`. */
export function atLeast(name: string, value: number, limit: number, unit = ''): Requirement {
  return { text: `${name} ≥ ${limit} ${unit}`.trimEnd(), held: value >= limit };
}
