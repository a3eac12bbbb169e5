import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CHOSEN_NODES, lines } from '../query.ts';
import { linePanel } from './line-panel.ts';

/** Where the time of a job goes: into its handler, or into its commit. */
export function latency(): PanelBuilder {
  return linePanel(
    'Handler and commit latency',
    'How long handlers and commits took within ten seconds, median and 99th percentile over the ' +
      "chosen nodes. Handlers are the user's code; commits are the ledger and the way to it.",
    's',
    { look: 0.1, bad: 1 },
  )
    .withTarget(lines('A', quantile(0.5, 'handler'), 'handler p50'))
    .withTarget(lines('B', quantile(0.99, 'handler'), 'handler p99'))
    .withTarget(lines('C', quantile(0.5, 'commit'), 'commit p50'))
    .withTarget(lines('D', quantile(0.99, 'commit'), 'commit p99'))
    .fillOpacity(0);
}

function quantile(part: number, what: 'handler' | 'commit'): string {
  const buckets = `understudy_${what}_duration_seconds_bucket{${CHOSEN_NODES}}`;
  return `histogram_quantile(${part}, sum by (le) (rate(${buckets}[10s])))`;
}

/** Whether the nodes' own processes keep up. */
export function eventLoopLag(): PanelBuilder {
  return linePanel(
    'Event-loop lag',
    'The 99th percentile of the delay of a node’s event loop in the last second. A leader whose loop ' +
      'stands still for longer than the heartbeat time-out (half a second) is taken for dead.',
    's',
    { look: 0.05, bad: 0.5 },
  ).withTarget(
    lines('A', `max by (node) (understudy_event_loop_lag_seconds{${CHOSEN_NODES}})`, '{{node}}'),
  );
}

/** Whether the nodes keep their connections. */
export function redisReconnects(): PanelBuilder {
  return linePanel(
    'Redis reconnects',
    'Connections to Redis made anew within ten seconds, by purpose, over the chosen nodes. A few after ' +
      'a fault are its healing; a steady stream is a server that keeps dropping its clients.',
    'short',
    { look: 1, bad: 100 },
  )
    .withTarget(
      lines(
        'A',
        `sum by (connection) (increase(understudy_redis_reconnects_total{${CHOSEN_NODES}}[10s]))`,
        '{{connection}}',
      ),
    )
    .decimals(0);
}
