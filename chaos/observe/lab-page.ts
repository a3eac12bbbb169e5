import { spawnSync } from 'node:child_process';
import {
  type LabMetrics,
  MetricsNotServed,
  type MetricsServer,
  type MetricsServerOptions,
  openLabMetrics,
  serveMetrics,
} from '@understudy/telemetry';
import { mergeExpositions } from '../metrics/expositions.ts';

/** What the lab says of the faults it injects into a running fleet, and where it says it. */
export interface LabPage extends AsyncDisposable {
  /** The metrics of the faults on one group. */
  of(group: string): LabMetrics;
  readonly address: string;
}

/** The port at which dashboards/prometheus/prometheus.yml expects the lab. */
const PORT = 9465;
const LOOPBACK = '127.0.0.1';

/**
 * Serves the metrics of the lab where a Prometheus in a container of this machine can read them, and
 * nobody from outside.
 * @throws {MetricsNotServed} when the port is taken
 */
export async function serveLabPage(
  groups: readonly { readonly group: string; readonly mode: string }[],
  faults: readonly { readonly fault: string; readonly target: string }[],
): Promise<LabPage> {
  const pages = new Map<string, LabMetrics>();
  for (const { group, mode } of groups) {
    pages.set(group, await openLabMetrics({ group, mode }, { faults, checkers: [] }));
  }
  const [first] = pages.values();
  if (!first) throw new TypeError('there is at least one group');
  const server = await served({
    port: PORT,
    page: {
      contentType: first.page.contentType,
      text: async () =>
        mergeExpositions(await Promise.all([...pages.values()].map(({ page }) => page.text()))),
    },
    readiness: () => Promise.resolve({ state: 'observing', trouble: undefined, redis: {} }),
  });
  return {
    of: (group) => pages.get(group) ?? first,
    address: `http://${server.host}:${server.port}/metrics`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/**
 * Serves at what `host.docker.internal` is from within a container: on Linux this machine's end of
 * Docker's bridge, which no other machine reaches; where Docker runs in a machine of its own, and that
 * address is none of ours, loopback.
 */
async function served(options: Omit<MetricsServerOptions, 'host'>): Promise<MetricsServer> {
  const format = '{{range .IPAM.Config}}{{.Gateway}}{{end}}';
  const words = ['network', 'inspect', 'bridge', '--format', format];
  const gateway = (spawnSync('docker', words, { encoding: 'utf8' }).stdout ?? '').trim();
  try {
    return await serveMetrics({ ...options, host: gateway === '' ? LOOPBACK : gateway });
  } catch (error) {
    if (!(error instanceof MetricsNotServed) || codeOf(error.cause) !== 'EADDRNOTAVAIL')
      throw error;
    return serveMetrics({ ...options, host: LOOPBACK });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
