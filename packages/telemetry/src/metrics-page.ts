import { answerWithin, systemTimers, type Timers } from '@understudy/runtime';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Labels of one series, by name. */
export type Labels = Readonly<Record<string, string>>;

/** What tells the series of one metric apart. */
export interface Labelled<L extends string> {
  readonly by: readonly L[];
  /** Every label set that there will ever be. */
  readonly sets: readonly Readonly<Record<L, string>>[];
}

/** How long a scrape waits for what it asks of others, in ms. Prometheus gives up after 900. */
const ASK_LIMIT_MS = 400;

/** The classes of prom-client that are used here. */
type Parts = Awaited<ReturnType<typeof loadParts>>;

/**
 * Loads what is used of prom-client, and when it is used: a node without metrics pays nothing. The
 * whole of it brings an OpenTelemetry API along for default metrics that are not served here, and with
 * it four times the memory, which a takeover from a killed node has to wait for (ADR 12).
 */
async function loadParts() {
  const [counter, gauge, histogram, registry] = await Promise.all([
    import('prom-client/lib/counter.js'),
    import('prom-client/lib/gauge.js'),
    import('prom-client/lib/histogram.js'),
    import('prom-client/lib/registry.js'),
  ]);
  return {
    counterClass: counter.default,
    gaugeClass: gauge.default,
    histogramClass: histogram.default,
    registryClass: registry.default,
  };
}

/** Opens a page without metrics, whose series will all carry `labels`. */
export async function openMetricsPage(
  labels: Labels,
  timers: Timers = systemTimers,
): Promise<MetricsPage> {
  return new MetricsPage(await loadParts(), labels, timers);
}

/**
 * What Prometheus reads: metrics of one process, each with every label set that it will ever have,
 * from the beginning. What was never there cannot be seen to rise.
 */
export class MetricsPage {
  readonly #parts: Parts;
  readonly #registry: Registry;
  readonly #timers: Timers;
  readonly #before: (() => void)[] = [];
  readonly #asks: (() => Promise<void>)[] = [];

  constructor(parts: Parts, labels: Labels, timers: Timers) {
    this.#parts = parts;
    this.#timers = timers;
    this.#registry = new parts.registryClass();
    this.#registry.setDefaultLabels({ ...labels });
  }

  /** The media type of `text()`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** A counter that begins at 0, for each label set where there are any. */
  counter<L extends string = never>(
    name: `understudy_${string}_total`,
    help: string,
    labelled?: Labelled<L>,
  ): Counter<L> {
    const counter = new this.#parts.counterClass<L>(this.#described(name, help, labelled));
    for (const labels of labelled?.sets ?? []) counter.inc(labels, 0);
    return counter;
  }

  /** A gauge that begins at 0, for each label set where there are any. */
  gauge<L extends string = never>(
    name: `understudy_${string}`,
    help: string,
    labelled?: Labelled<L>,
  ): Gauge<L> {
    const gauge = new this.#parts.gaugeClass<L>(this.#described(name, help, labelled));
    for (const labels of labelled?.sets ?? []) gauge.set(labels, 0);
    return gauge;
  }

  /** A histogram of seconds. */
  histogram(
    name: `understudy_${string}_seconds`,
    help: string,
    bucketsSeconds: readonly number[],
  ): Histogram {
    const described = this.#described(name, help, undefined);
    return new this.#parts.histogramClass({ ...described, buckets: [...bucketsSeconds] });
  }

  /** Calls `look` before each reading: for values that nobody tells of when they change. */
  beforeReading(look: () => void): void {
    this.#before.push(look);
  }

  /**
   * Asks before each reading and shows the answer; `undefined` when it did not come in time. One
   * question is out at a time: who does not answer is not asked again and again.
   */
  ask<T>(question: () => Promise<T>, show: (answer: T | undefined) => void): void {
    let asked: Promise<T> | undefined;
    this.#asks.push(async () => {
      asked ??= question().finally(() => (asked = undefined));
      show(await answerWithin(this.#timers, ASK_LIMIT_MS, asked));
    });
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    await Promise.all(this.#asks.map((ask) => ask()));
    for (const look of this.#before) look();
    return this.#registry.metrics();
  }

  #described<L extends string>(name: string, help: string, labelled: Labelled<L> | undefined) {
    return { name, help, labelNames: [...(labelled?.by ?? [])], registers: [this.#registry] };
  }
}
