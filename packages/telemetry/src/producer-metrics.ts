import type { Timers } from '@understudy/runtime';
import { connectionMetrics, showConnection } from './connection-metrics.ts';
import { type MetricsPage, openMetricsPage } from './metrics-page.ts';

/** Opens the metrics of a producer. A producer is no node, and has no mode: it has a group. */
export async function openProducerMetrics(
  labels: { readonly group: string },
  timers?: Timers,
): Promise<ProducerMetrics> {
  return new ProducerMetrics(await openMetricsPage({ ...labels }, timers));
}

/** What there is to be measured in a producer. Recording is synchronous and never throws. */
export class ProducerMetrics {
  readonly page: MetricsPage;
  readonly #enqueued;
  readonly #failures;
  readonly #connections;

  constructor(page: MetricsPage) {
    this.page = page;
    this.#enqueued = page.counter(
      'understudy_jobs_enqueued_total',
      'Jobs that the queue has acknowledged.',
    );
    this.#failures = page.counter(
      'understudy_enqueue_failures_total',
      'Jobs that the queue refused.',
    );
    this.#connections = connectionMetrics(page, ['queue']);
  }

  /** The queue acknowledged a job. */
  jobEnqueued(): void {
    this.#enqueued.inc();
  }

  /** The queue refused a job. */
  enqueueFailed(): void {
    this.#failures.inc();
  }

  /** Whether the connection to the queue is up, and how often it came back so far. */
  connection({ up, reconnects }: { readonly up: boolean; readonly reconnects: number }): void {
    showConnection(this.#connections, 'queue', up, reconnects);
  }
}
