/** What is known of measured values, in their unit. */
export interface Distribution {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** The values as they came, in thousandths at most; left out where they are very many. */
  readonly values?: readonly number[];
}

const MOST_KEPT = 2000;

/** The `q`-quantile (0 to 1) of `values`, by nearest rank; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** @throws {RangeError} of no values at all, or of what is no number: then something was not measured */
export function distributionOf(values: readonly number[]): Distribution {
  if (values.length === 0) throw new RangeError('nothing was measured');
  if (values.some(Number.isNaN)) throw new RangeError('a value that was measured is no number');
  const at = (q: number): number => thousandths(quantile(values, q));
  return {
    n: values.length,
    min: at(0),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    ...(values.length <= MOST_KEPT ? { values: values.map(thousandths) } : {}),
  };
}

/** `12.3 ms` or, from ten seconds, `12.3 s`. */
export function milliseconds(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(1)} ms`;
}

/** `p50 12.3 ms, p95 20.1 ms`; with `p99 25.0 ms` where that was asked for. */
export function spread(values: readonly number[], quantiles: readonly number[] = [50, 95]): string {
  return quantiles
    .map((percent) => `p${percent} ${milliseconds(quantile(values, percent / 100))}`)
    .join(', ');
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
