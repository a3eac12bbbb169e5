import { freePort } from '@understudy/redis';
import { sleep, systemTimers } from '@understudy/runtime';
import { quantile, spread } from '../distribution.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';
import { CONFIGURATION, signalled, startAgain, takeovers } from './takeovers.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const SCRAPE_MS = 1000;

/** A takeover where every node serves its metrics, and is scraped, against the same without. */
export const metricsTakeover: Measurement = {
  name: 'metrics-takeover',
  what: 'SIGKILL → successor’s first effect, each node serving its metrics and scraped every second',
  byDefault: false,
  measure,
};

async function measure({ options, progress }: Context): Promise<Measured> {
  const n = Math.ceil(options.kills / 10);
  const common = { n, progress, strike: signalled('SIGKILL'), restore: startAgain };
  const ports = new Map<string, number>();
  for (const node of NODES) ports.set(node, await freePort());
  const environmentOf = (id: string): Record<string, string> => ({
    METRICS_PORT: String(ports.get(id)),
  });
  const served = await (async () => {
    using _scraping = scraping([...ports.values()]);
    return await takeovers({
      ...common,
      label: 'SIGKILL, metrics served',
      fleet: { environmentOf },
    });
  })();
  const silent = await takeovers({ ...common, label: 'SIGKILL, no metrics' });
  const [withThem, without] = [served, silent].map((taken) => taken.map(({ tookMs }) => tookMs));
  const [ours = [], peer = []] = [withThem, without];
  const ratio = quantile(ours, 0.5) / quantile(peer, 0.5);
  return {
    ours: spread(ours),
    peers: [{ name: 'without METRICS_PORT', figure: `${spread(peer)}, n = ${peer.length}` }],
    ratio: ratio.toFixed(2),
    n: ours.length,
    required: [
      atMost('p50', ratio, 1.5, 'times that without'),
      atMost('p95', quantile(ours, 0.95), 120, 'ms'),
    ],
    configuration: CONFIGURATION,
    values: { 'with metrics, ms': ours, 'without, ms': peer },
  };
}

/** Reads the metrics at some ports once a second, as a Prometheus would, until it is disposed of. */
function scraping(ports: readonly number[]): Disposable {
  const over = new AbortController();
  const scrape = async (port: number): Promise<void> => {
    while (!over.signal.aborted) {
      const page = fetch(`http://127.0.0.1:${port}/metrics`, { signal: over.signal });
      // A node that is down is what the bench is about.
      await page.then((response) => response.text()).catch(() => undefined);
      await sleep(systemTimers, SCRAPE_MS, over.signal);
    }
  };
  for (const port of ports) void scrape(port);
  return { [Symbol.dispose]: () => over.abort() };
}
