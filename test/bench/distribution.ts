/** The `q`-quantile (0 to 1) of `values`, by nearest rank; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** One line of the bench's table. */
export interface Row {
  /** What was measured. */
  what: string;
  /** Our figure, with its unit. */
  ours: string;
  /** What it is compared with, and that figure. */
  peer: string;
  /** Ours to the peer's, where there is one. */
  ratio: string;
  /** How many times. */
  n: number;
  /** The target as the issue states it. */
  target: string;
  held: boolean;
}

/** `12.3 ms` or, above ten seconds, `12.3 s`. */
function milliseconds(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(1)} ms`;
}

/** `p50 12.3 ms, p95 20.1 ms`. */
export function spread(values: readonly number[]): string {
  return `p50 ${milliseconds(quantile(values, 0.5))}, p95 ${milliseconds(quantile(values, 0.95))}`;
}
