import type { CommitRequest, Ledger } from '@understudy/exactly-once';
import type { FetchedJob, Lane } from '@understudy/queue';
import { invariant } from '@understudy/runtime';
import { openNodeMetrics } from '@understudy/telemetry';
import {
  type HandlerContext,
  observeWorker,
  settingsFromEnvironment,
  type StartOptions,
  type WorkerDefinition,
  type WorkerParts,
} from '@understudy/worker';
import { quantile } from '../distribution.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';

const JOBS = 20_000;
const ROUNDS = 15;
const QUICK_ROUNDS = 2;
const LIMIT_US = 5;

const job: FetchedJob = {
  ...{ id: 'b-1', queueId: '1', data: { id: 'b-1' }, digest: 'd' },
  ...{ attempt: 1, recoveries: 0, alone: false },
};

/** A ledger and a lane that answer at once, with another job in the same trip. */
const answersAtOnce: Pick<WorkerParts, 'ledger' | 'lane'> = {
  ledger: () =>
    ({
      commit: () => Promise.resolve({ status: 'applied', position: '1-0' }),
    }) as unknown as Ledger,
  lane: () =>
    ({
      backlog: () => Promise.reject(new Error('there is no queue')),
      complete: () => Promise.resolve({ status: 'completed', next: { ...job } }),
    }) as unknown as Lane,
};

/**
 * What is measured of a job costs this much: the way of one job through handler, ledger and lane, all
 * of which answer at once, in processor time, with metrics and without, in turns.
 */
export const metricsCost: Measurement = {
  name: 'metrics-cost',
  what: "recording a job's metrics: handler, commit and lane with them less the same without",
  byDefault: false,
  measure,
};

async function measure({ options: { quick }, progress }: Context): Promise<Measured> {
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const settings = settingsFromEnvironment({
    ...{ REDIS_URL: 'redis://127.0.0.1:1', UNDERSTUDY_MODE: 'active-active' },
    ...{ UNDERSTUDY_NODE_ID: 'node-1', UNDERSTUDY_GROUP: 'bench' },
  });
  const definition: WorkerDefinition<unknown> = { queue: 'q', handle: () => undefined };
  const options = { settings, parts: answersAtOnce };
  const labels = { group: 'bench', mode: 'active-active', node: 'node-1' };
  const nodeMetrics = await openNodeMetrics(labels);
  const observed = observeWorker(definition, options, nodeMetrics);
  const figures = { with: [] as number[], without: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const without = await microsecondsPerJob(definition, options);
    const measured = await microsecondsPerJob(observed.definition, observed.options);
    // The first round compiles.
    if (round === 0) continue;
    figures.without.push(without);
    figures.with.push(measured);
  }
  observed.close();
  progress(`metrics: ${rounds} rounds of ${JOBS} jobs`);
  const text = await nodeMetrics.page.text();
  const counted = /^understudy_effects_committed_total\{.*\} (\d+)$/m.exec(text)?.[1];
  invariant(Number(counted) === (rounds + 1) * JOBS, 'every job was counted');
  const [ours, peer] = [quantile(figures.with, 0.5), quantile(figures.without, 0.5)];
  return {
    ours: `${(ours - peer).toFixed(2)} µs a job`,
    peers: [
      {
        name: 'without metrics',
        figure: `${peer.toFixed(2)} µs, with them ${ours.toFixed(2)} µs`,
      },
    ],
    n: rounds,
    required: [atMost('more', ours - peer, LIMIT_US, 'µs')],
    configuration: { jobs: JOBS },
    values: { 'with, µs': figures.with, 'without, µs': figures.without },
  };
}

async function microsecondsPerJob(
  definition: WorkerDefinition<unknown>,
  { settings, parts }: StartOptions,
): Promise<number> {
  const ledger = parts?.ledger?.(settings, unused());
  const lane = parts?.lane?.(settings, definition, unused(), unused());
  invariant(ledger && lane, 'both parts are given');
  const [request, context] = [unused<CommitRequest>(), unused<HandlerContext>()];
  let next = { ...job };
  // Processor time: what a busy machine does meanwhile is no cost of ours.
  const from = process.cpuUsage();
  for (let i = 0; i < JOBS; i++) {
    await definition.handle(next, context);
    await ledger.commit(request);
    next = (await lane.complete(next, { fetchNext: true })).next ?? next;
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / JOBS;
}

/** For parameters that nothing here looks at. */
function unused<T>(): T {
  return undefined as T;
}
