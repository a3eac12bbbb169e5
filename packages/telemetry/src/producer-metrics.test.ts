import { expect, test } from 'vitest';
import { openProducerMetrics } from './producer-metrics.ts';
import { seriesOf } from './series.test-support.ts';

test('a producer says how many jobs it enqueued, how many were refused, and whether Redis is up', async () => {
  const metrics = await openProducerMetrics({ group: 'g' });
  const names = [
    'understudy_jobs_enqueued_total{group="g"}',
    'understudy_enqueue_failures_total{group="g"}',
    'understudy_redis_up{connection="queue",group="g"}',
    'understudy_redis_reconnects_total{connection="queue",group="g"}',
  ];
  const values = async (): Promise<unknown> => {
    const series = await seriesOf(metrics.page);
    expect(Object.keys(series)).toEqual(names);
    return names.map((name) => series[name]);
  };
  expect(await values()).toEqual([0, 0, 0, 0]);
  metrics.jobEnqueued();
  metrics.jobEnqueued();
  metrics.enqueueFailed();
  metrics.connection({ up: true, reconnects: 4 });
  expect(await values()).toEqual([2, 1, 1, 4]);
});
