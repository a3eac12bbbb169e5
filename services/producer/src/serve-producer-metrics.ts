import type { ConnectionWatch } from '@understudy/redis';
import {
  type MetricsAddress,
  type MetricsServer,
  openProducerMetrics,
  type ProducerMetrics,
  serveMetrics,
} from '@understudy/telemetry';

/** A producer's metrics, and where they are served. */
export type ServedProducerMetrics = MetricsServer & { readonly metrics: ProducerMetrics };

/**
 * Serves the metrics of a producer whose connections `watch` sees.
 * @throws {MetricsNotServed}
 */
export async function serveProducerMetrics(
  address: MetricsAddress,
  group: string,
  watch: ConnectionWatch,
): Promise<ServedProducerMetrics> {
  const metrics = await openProducerMetrics({ group });
  metrics.page.beforeReading(() => metrics.connection(watch.health('queue')));
  const server = await serveMetrics({
    ...address,
    page: metrics.page,
    readiness: () => {
      const { up } = watch.health('queue');
      const trouble = up ? undefined : 'the connection to the queue is down';
      return Promise.resolve({ state: 'enqueueing', trouble, redis: { data: up } });
    },
  });
  return { ...server, metrics };
}
