import { freePort } from '@understudy/redis';
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { quantile, type Row, spread } from './distribution.ts';
import { Fleet } from './fleet.ts';

const TTL_MS = 2000;
const JOBS_PER_SECOND = 400;
const SAY_EVERY = 10;

/** Says how far a series is. */
export type Progress = (line: string) => void;

interface Series {
  n: number;
  signal: 'SIGKILL' | 'SIGTERM';
  /** How long a leader must have led before it is ended. */
  ledForMs: number;
  environment?: Record<string, string>;
  /** Whether each node serves its metrics, and is read once a second. */
  scraped?: boolean;
  label: string;
  progress: Progress;
}

/**
 * Ends leader after leader while jobs flow. Each value is the time, in ms, from the signal (for
 * SIGTERM: from the old leader's last effect, which ends its drain) to the successor's first effect.
 */
async function takeovers(series: Series): Promise<number[]> {
  const environment = { UNDERSTUDY_TTL_MS: String(TTL_MS), ...series.environment };
  const ports = await portsOf(series.scraped === true ? 3 : 0);
  const options = { mode: 'active-passive', nodes: 3, environment } as const;
  await using fleet = await Fleet.start({ ...options, metricsPorts: ports });
  using _scraping = scraping([...ports.values()]);
  fleet.produce(JOBS_PER_SECOND);
  const values: number[] = [];
  while (values.length < series.n) {
    await fleet.settled();
    const old = fleet.leader;
    const ledMs = systemClock.monotonicMs() - old.activeSinceMs;
    await sleep(systemTimers, Math.max(0, series.ledForMs - ledMs));
    let fromMs = systemClock.monotonicMs();
    const stopListening = fleet.onEffect((effect) => {
      if (series.signal === 'SIGTERM' && effect.node === old.id) fromMs = effect.atMs;
    });
    const first = fleet.effect((effect) => effect.node !== old.id);
    old.child.kill(series.signal);
    values.push((await first).atMs - fromMs);
    stopListening();
    await old.exited;
    fleet.startNode(old.id);
    if (values.length % SAY_EVERY === 0)
      series.progress(`${series.label}: ${values.length}/${series.n}`);
  }
  return values;
}

/** A free port for each of so many nodes. */
async function portsOf(nodes: number): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for (let i = 1; i <= nodes; i++) ports.set(`node-${i}`, await freePort());
  return ports;
}

/** Reads the metrics at some ports once a second, as a Prometheus would, until it is disposed of. */
function scraping(ports: readonly number[]): Disposable {
  const over = new AbortController();
  const scrape = async (port: number): Promise<void> => {
    while (!over.signal.aborted) {
      const page = fetch(`http://127.0.0.1:${port}/metrics`, { signal: over.signal });
      // A node that is down is what the bench is about.
      await page.then((response) => response.text()).catch(() => undefined);
      await sleep(systemTimers, 1000, over.signal);
    }
  };
  for (const port of ports) void scrape(port);
  return { [Symbol.dispose]: () => over.abort() };
}

/** SIGKILL to first effect, with presence, against the same code with the TTL alone. */
export async function killTakeover(progress: Progress): Promise<Row> {
  const led = { signal: 'SIGKILL', ledForMs: 3 * TTL_MS, progress } as const;
  const ours = await takeovers({ ...led, n: 50, label: 'SIGKILL, presence on' });
  const ttlOnly = await takeovers({
    ...led,
    n: 10,
    label: 'SIGKILL, presence off',
    environment: { UNDERSTUDY_PRESENCE: 'off', UNDERSTUDY_POLL_MS: '50' },
  });
  const [p50, p95] = [quantile(ours, 0.5), quantile(ours, 0.95)];
  const ratio = quantile(ttlOnly, 0.5) / p50;
  return {
    what: `SIGKILL of a leader that led ≥ 3 TTLs (${TTL_MS / 1000} s) → successor's first effect`,
    ours: spread(ours),
    peer: `presence off, polled every 50 ms: ${spread(ttlOnly)}, n = ${ttlOnly.length}`,
    ratio: `${ratio.toFixed(0)}× faster`,
    n: ours.length,
    target: 'p50 ≤ 40 ms, p95 ≤ 120 ms, ≥ 20× faster',
    held: p50 <= 40 && p95 <= 120 && ratio >= 20,
  };
}

/**
 * SIGKILL to first effect where every node serves its metrics, and is scraped once a second, against
 * the same code without.
 */
export async function killTakeoverWithMetrics(progress: Progress): Promise<Row> {
  const led = { signal: 'SIGKILL', ledForMs: 3 * TTL_MS, progress, n: 30 } as const;
  const served = await takeovers({ ...led, label: 'SIGKILL, metrics served', scraped: true });
  const silent = await takeovers({ ...led, label: 'SIGKILL, no metrics' });
  const [p50, p95] = [quantile(served, 0.5), quantile(served, 0.95)];
  const ratio = p50 / quantile(silent, 0.5);
  return {
    what: 'SIGKILL → successor’s first effect, each node serving its metrics and scraped every second',
    ours: spread(served),
    peer: `without METRICS_PORT: ${spread(silent)}, n = ${silent.length}`,
    ratio: `${ratio.toFixed(2)}×`,
    n: served.length,
    target: 'p50 ≤ 1.5× of that without, p95 ≤ 120 ms',
    held: ratio <= 1.5 && p95 <= 120,
  };
}

/** SIGTERM: from the end of the drain to the successor's first effect. */
export async function termTakeover(progress: Progress): Promise<Row> {
  const ours = await takeovers({
    ...{ n: 30, signal: 'SIGTERM', ledForMs: 1000, label: 'SIGTERM', progress },
  });
  return {
    what: "SIGTERM: old leader's last effect → successor's first effect",
    ours: spread(ours),
    peer: '—',
    ratio: '—',
    n: ours.length,
    target: 'p50 ≤ 20 ms',
    held: quantile(ours, 0.5) <= 20,
  };
}

/** Active-active: SIGKILL to the commit, by a survivor, of the dead node's last job in flight. */
export async function inFlightTakeover(progress: Progress): Promise<Row> {
  const n = 30;
  // Handlers that take a while, so that a node that dies has jobs in flight.
  const environment = { UNDERSTUDY_HANDLER_MS: '20' };
  await using fleet = await Fleet.start({ mode: 'active-active', nodes: 3, environment });
  fleet.produce(JOBS_PER_SECOND);
  const values: number[] = [];
  while (values.length < n) {
    await fleet.until(() => [...fleet.nodes.values()].every((node) => node.state === 'active'));
    await fleet.effect(() => true);
    await sleep(systemTimers, 300);
    const victim = [...fleet.nodes.values()][values.length % 3];
    if (!victim) continue;
    const killedMs = systemClock.monotonicMs();
    victim.child.kill('SIGKILL');
    await victim.exited;
    // What it had begun and nobody has seen the effect of yet. An effect that was committed
    // before the kill but is still on its way to the bench arrives under the victim's name.
    const open = new Set(victim.attempts);
    const lastMs = await lastEffectOf(fleet, open, victim.id);
    if (!Number.isNaN(lastMs)) values.push(lastMs - killedMs);
    fleet.startNode(victim.id);
    if (values.length % SAY_EVERY === 0) progress(`active-active SIGKILL: ${values.length}/${n}`);
  }
  return {
    what: "active-active: SIGKILL → the dead node's last in-flight job committed by a survivor",
    ours: spread(values),
    peer: "BullMQ's defaults: 60 s (stalled check, not measured here)",
    ratio: '—',
    n: values.length,
    target: 'p50 ≤ 100 ms',
    held: quantile(values, 0.5) <= 100,
  };
}

/** When the last of `open` took effect by another node than `victim`; NaN if none did. */
function lastEffectOf(fleet: Fleet, open: Set<string>, victim: string): Promise<number> {
  return new Promise((resolve) => {
    let lastMs = Number.NaN;
    if (open.size === 0) resolve(lastMs);
    const stop = fleet.onEffect((effect) => {
      if (!open.delete(effect.job)) return;
      if (effect.node !== victim) lastMs = effect.atMs;
      if (open.size > 0) return;
      stop();
      resolve(lastMs);
    });
  });
}
