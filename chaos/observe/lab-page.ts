import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import {
  type LabMetrics,
  type MetricsServer,
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
  const server: MetricsServer = await serveMetrics({
    ...{ host: hostForContainers(), port: PORT },
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
 * What `host.docker.internal` is from within a container: on Linux this machine's end of Docker's
 * bridge, which no other machine reaches; where Docker runs in a machine of its own, loopback.
 */
function hostForContainers(): string {
  const format = '{{range .IPAM.Config}}{{.Gateway}}{{end}}';
  const { stdout } = spawnSync('docker', ['network', 'inspect', 'bridge', '--format', format], {
    encoding: 'utf8',
  });
  const gateway = (stdout ?? '').trim();
  const ours = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ours.some(({ address }) => address === gateway) ? gateway : '127.0.0.1';
}
