import { join } from 'node:path';
import { readHistory, type StateOperation } from '@understudy/history';
import { freePort } from '@understudy/redis';
import { type Clock, sleep, type Timers } from '@understudy/runtime';
import { type LabMetrics, openLabMetrics, serveMetrics } from '@understudy/telemetry';
import { allCheckers } from '../checker/index.ts';
import { fitPrometheus } from '../drivers/fit-prometheus.ts';
import { type PrometheusServer, startPrometheus } from '../drivers/prometheus-server.ts';
import { openUndoJournal } from '../drivers/undo-journal.ts';
import { mergeExpositions } from '../metrics/expositions.ts';
import { LabRecorder } from '../metrics/lab-recorder.ts';
import { queryRange } from '../metrics/prometheus-query.ts';
import { compareTimelines, spansOf, type StateSample } from '../metrics/state-timeline.ts';
import type { RunResult, SeenByPrometheus } from '../report/result.ts';
import type { LabEvent } from './events.ts';
import type { Plan } from './plan.ts';
import { RUN_FILES } from './run-directory.ts';

/** Who is to see the metrics of a run. */
export interface WatchRequest {
  /** Offer them on this port of the loopback interface, those of all nodes and of the lab together. */
  readonly servePort?: number;
  /**
   * Start a Prometheus that scrapes the run's nodes, and hold what it has seen against the history at
   * the end. `inspect` may ask it things before it ends.
   */
  readonly prometheus?: { inspect?(url: string): Promise<void> };
}

/** What it takes to watch a run. */
export interface WatchOptions {
  request: WatchRequest;
  plan: Plan;
  /** The run's name, which is also its group's. */
  name: string;
  root: string;
  directory: string;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  timers: Timers;
}

/** The metrics of a run, and those who read them. Disposing ends them. */
export interface RunWatch extends AsyncDisposable {
  /** Where everything is to be seen, for people; a sentence each. */
  readonly told: readonly string[];
  /** Where a node is to serve its metrics, on the loopback interface. */
  portOf(node: string): number | undefined;
  observe(event: LabEvent): void;
  /**
   * Takes note of the verdict, and adds what Prometheus saw of the run, if there is one.
   * @param beganMs the time of day at which the history began, in ms since 1970
   */
  complete(result: RunResult, historyPath: string, beganMs: number): Promise<RunResult>;
}

/** The query of the dashboard's first panel, for one group: who processes, over time. */
function processingNodeQuery(group: string): string {
  return `max by (node) (understudy_node_state{group="${group}"})`;
}

const HOST = '127.0.0.1';
const SCRAPE_LIMIT_MS = 500;
const STEP_SECONDS = 1;
/** After the last event, so that it has been scraped. */
const LAST_SCRAPE_MS = 2200;
/** Rules that come with the repository. */
const RULES = ['recording', 'alerts'].map((name) => `dashboards/prometheus/rules/${name}.yml`);

/**
 * Opens the metrics of a run, and starts whoever is to read them.
 * @throws {MetricsNotServed} when the port is taken
 * @throws {PrometheusUnfit} when a Prometheus is asked for and there is none, or it does not start
 */
export async function watchRun(options: WatchOptions): Promise<RunWatch> {
  const { request, plan, name: group, directory, clock, timers } = options;
  const { mode } = plan.settings;
  await using started = new AsyncDisposableStack();
  const metrics = await openLabMetrics(
    { group, mode },
    {
      faults: plan.steps.map(({ fault, target }) => ({ fault, target })),
      checkers: allCheckers.map(({ name }) => name),
    },
    timers,
  );
  const recorder = started.use(new LabRecorder({ metrics, clock, timers }));
  const ports = new Map<string, number>();
  for (const node of plan.nodes) ports.set(node, await freePort());
  const told: string[] = [];
  if (request.servePort !== undefined) {
    const { host, port } = started.use(
      await served(metrics, request.servePort, () => mergedPages(metrics, [...ports.values()])),
    );
    told.push(`metrics of the whole run: http://${host}:${port}/metrics`);
  }
  let prometheus: PrometheusServer | undefined;
  if (request.prometheus) {
    const lab = started.use(await served(metrics, 0, () => metrics.page.text()));
    const journal = started.adopt(openUndoJournal(directory), (opened) => opened.close());
    prometheus = started.use(
      await startPrometheus({
        executable: fitPrometheus(options.root, options.environment),
        directory,
        logPath: join(directory, RUN_FILES.logs, 'prometheus.log'),
        targets: [
          ...[...ports].map(([node, port]) => ({
            job: 'workers',
            port,
            labels: { group, mode, node },
          })),
          { job: 'lab', port: lab.port, labels: { group, mode } },
        ],
        rules: RULES.map((path) => join(options.root, path)),
        ...{ journal, clock, timers },
      }),
    );
    told.push(`Prometheus, as long as the run lasts: ${prometheus.url}`);
  }
  const all = started.move();
  return {
    told,
    portOf: (node) => ports.get(node),
    observe: (event) => recorder.observe(event),
    async complete(result, historyPath, beganMs) {
      for (const { checker, verdict } of result.checkers) metrics.verdict(checker, verdict);
      if (!prometheus || result.status === 'interrupted') return result;
      await sleep(timers, LAST_SCRAPE_MS);
      await request.prometheus?.inspect?.(prometheus.url);
      return { ...result, prometheus: await seenBy(prometheus.url, result, historyPath, beganMs) };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function served(
  metrics: LabMetrics,
  port: number,
  text: () => Promise<string>,
): ReturnType<typeof serveMetrics> {
  return serveMetrics({
    ...{ host: HOST, port },
    page: { contentType: metrics.page.contentType, text },
    readiness: () => Promise.resolve({ state: 'watching', trouble: undefined, redis: {} }),
  });
}

/** The lab's page and those of the nodes that answer. */
async function mergedPages(metrics: LabMetrics, ports: readonly number[]): Promise<string> {
  const pages = await Promise.all(ports.map((port) => pageAt(port)));
  return mergeExpositions([await metrics.page.text(), ...pages]);
}

async function pageAt(port: number): Promise<string> {
  try {
    const signal = AbortSignal.timeout(SCRAPE_LIMIT_MS);
    const response = await fetch(`http://${HOST}:${port}/metrics`, { signal });
    return response.ok ? await response.text() : '';
  } catch {
    // A node that is down has no metrics, and that is what is to be seen.
    return '';
  }
}

/** What the first panel of the dashboard shows of the run, against the run's history. */
async function seenBy(
  url: string,
  { run, durationMs }: RunResult,
  historyPath: string,
  beganMs: number,
): Promise<SeenByPrometheus> {
  const query = processingNodeQuery(run);
  const lines = await queryRange(url, {
    query,
    fromSeconds: Math.floor(beganMs / 1000),
    untilSeconds: Math.ceil((beganMs + durationMs) / 1000),
    stepSeconds: STEP_SECONDS,
  });
  const samples = lines.flatMap(({ metric, values }) =>
    values.map(([seconds, value]): StateSample => ({
      node: metric.node ?? '',
      atMs: seconds * 1000 - beganMs,
      value: Number(value),
    })),
  );
  return { query, ...compareTimelines(samples, spansOf(await statesIn(historyPath), durationMs)) };
}

async function statesIn(historyPath: string): Promise<readonly StateOperation[]> {
  await using history = await readHistory(historyPath);
  const states: StateOperation[] = [];
  for await (const batch of history.batches) {
    for (const operation of batch) if (operation.op === 'state') states.push(operation);
  }
  return states;
}
