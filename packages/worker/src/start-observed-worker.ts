import { type MetricsAddress, openNodeMetrics, serveMetrics } from '@understudy/telemetry';
import { modeOf, type WorkerDefinition } from './definition.ts';
import { observeWorker } from './observe-worker.ts';
import type { RunningWorker, StartOptions } from './running-worker.ts';
import { startWorker } from './worker.ts';

/** A worker whose metrics are served. */
export interface ObservedRunningWorker extends RunningWorker {
  /** Where they are served. */
  readonly metrics: MetricsAddress;
}

/**
 * Serves `/metrics`, `/healthz` and `/readyz` at `address`, and then starts the worker as
 * `startWorker` does. They are served until the worker has stopped.
 * @throws {MetricsNotServed} when the address cannot be used; no worker was started
 */
export async function startObservedWorker<T>(
  definition: WorkerDefinition<T>,
  options: StartOptions,
  address: MetricsAddress,
): Promise<ObservedRunningWorker> {
  const { group, nodeId: node } = options.settings;
  const labels = { group, mode: modeOf(definition, options.settings), node };
  const metrics = await openNodeMetrics(labels, options.timers);
  const observed = observeWorker(definition, options, metrics);
  try {
    const { readiness } = observed;
    const server = await serveMetrics({ ...address, page: metrics.page, readiness });
    try {
      options.log?.info({ host: server.host, port: server.port }, 'metrics are served');
      const worker = startWorker(observed.definition, observed.options);
      const done = worker.done.finally(async () => {
        observed.close();
        await server[Symbol.asyncDispose]();
      });
      return withEnd(worker, done, { host: server.host, port: server.port });
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    observed.close();
    throw error;
  }
}

function withEnd(
  worker: RunningWorker,
  done: Promise<void>,
  metrics: MetricsAddress,
): ObservedRunningWorker {
  const stop = (): Promise<void> => {
    // It ends as `done` does, a little earlier.
    worker.stop().catch(() => undefined);
    return done;
  };
  return {
    get state() {
      return worker.state;
    },
    ...{ metrics, done, stop, [Symbol.asyncDispose]: stop },
  };
}
