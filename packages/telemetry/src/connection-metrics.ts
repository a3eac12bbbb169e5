import type { Counter, Gauge } from 'prom-client';
import type { MetricsPage } from './metrics-page.ts';

/** Whether connections are up, and how often they came back, by purpose. */
export interface ConnectionMetrics {
  readonly redisUp: Gauge<'connection'>;
  readonly redisReconnects: Counter<'connection'>;
  /** How many reconnects of a purpose were counted so far. */
  readonly counted: Map<string, number>;
}

/** The metrics of a process that has connections of these `purposes`. */
export function connectionMetrics(
  page: MetricsPage,
  purposes: readonly string[],
): ConnectionMetrics {
  const labelled = {
    by: ['connection'],
    sets: purposes.map((connection) => ({ connection })),
  } as const;
  return {
    redisUp: page.gauge(
      'understudy_redis_up',
      'Whether all connections of that purpose are up: 1 or 0.',
      labelled,
    ),
    redisReconnects: page.counter(
      'understudy_redis_reconnects_total',
      'How often a connection of that purpose was lost and came back.',
      labelled,
    ),
    counted: new Map(),
  };
}

/** Shows how the connections of a purpose are; `reconnects` counts from the start of the process. */
export function showConnection(
  { redisUp, redisReconnects, counted }: ConnectionMetrics,
  connection: string,
  up: boolean,
  reconnects: number,
): void {
  redisUp.set({ connection }, up ? 1 : 0);
  redisReconnects.inc({ connection }, reconnects - (counted.get(connection) ?? 0));
  counted.set(connection, reconnects);
}
