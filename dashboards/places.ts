import { fileURLToPath } from 'node:url';

/** The dashboard as Grafana reads it. */
export const DASHBOARD_FILE = fileURLToPath(new URL('grafana/understudy.json', import.meta.url));

/** What Prometheus is configured with: `prometheus.yml`, the rules and their tests. */
export const PROMETHEUS_FOLDER = fileURLToPath(new URL('prometheus', import.meta.url));
