import type { Backlog } from '@understudy/queue';
import { ConnectionWatch } from '@understudy/redis';
import { answerWithin, systemClock, systemTimers, TransientMap } from '@understudy/runtime';
import { LoopLag, NODE_CONNECTIONS, type NodeMetrics, type Readiness } from '@understudy/telemetry';
import { modeOf, type WorkerDefinition } from './definition.ts';
import type { NodeState, WorkerEvent } from './events.ts';
import { observedDefinition, observedParts, type Sight } from './observed-parts.ts';
import { redisParts } from './parts.ts';
import { troubleOf } from './readiness.ts';
import type { StartOptions } from './running-worker.ts';

/** How long the data Redis may take to show that it answers, in ms. */
const ANSWER_LIMIT_MS = 400;

/** A worker that is about to be started, and measured from its start. */
export interface ObservedWorker<T> {
  /** To be started instead of the definition that was given. */
  readonly definition: WorkerDefinition<T>;
  /** To be started with, instead of the options that were given. */
  readonly options: StartOptions;
  /** Whether it does its part. Asks the data Redis, and waits 0.4 s for it at most. */
  readiness(): Promise<Readiness>;
  /** Ends what is there for the measuring alone. */
  close(): void;
}

/**
 * Measures a worker from outside: around its handler, its parts and what it reports. The worker knows
 * nothing of it, so one without metrics runs the same code and pays nothing.
 */
export function observeWorker<T>(
  definition: WorkerDefinition<T>,
  options: StartOptions,
  metrics: NodeMetrics,
): ObservedWorker<T> {
  const { clock = systemClock, timers = systemTimers, watch = new ConnectionWatch() } = options;
  const { settings } = options;
  const led = modeOf(definition, settings) === 'active-passive';
  const sight: Sight = {
    ...{ metrics, clock, inHand: new TransientMap() },
    ...{ ledger: undefined, lane: undefined, lease: undefined },
  };
  const lag = new LoopLag(clock, timers);
  let state: NodeState = 'starting';
  showOnPage(sight, watch, lag);
  return {
    definition: observedDefinition(definition, sight),
    options: {
      ...options,
      watch,
      parts: observedParts({ ...redisParts(), ...options.parts }, sight),
      report(event) {
        if (event.event === 'state') state = event.state;
        noteEvent(metrics, event);
        options.report?.(event);
      },
    },
    async readiness() {
      const asked = sight.ledger?.readEpoch() ?? Promise.reject(new Error('not started'));
      const dataAnswers = (await answerWithin(timers, ANSWER_LIMIT_MS, asked)) !== undefined;
      const locksReached = led ? settings.lockUrls.map((url) => watch.reaches(url)) : [];
      const queue = watch.health('queue');
      const queueUp = queue.up || queue.open === 0;
      return {
        state,
        trouble: troubleOf({ state, dataAnswers, queueUp, locksReached }),
        redis: {
          data: dataAnswers && queueUp,
          ...Object.fromEntries(locksReached.map((reached, i) => [`lock-${i + 1}`, reached])),
        },
      };
    },
    close: () => lag.stop(),
  };
}

function noteEvent(metrics: NodeMetrics, event: WorkerEvent): void {
  if (event.event === 'state') metrics.state(event.state);
  else if (event.event === 'parked') metrics.jobParked();
  else if (event.event === 'recovered') metrics.jobsRecovered(event.jobs);
}

/** What nobody tells of is looked at when the page is read. */
function showOnPage(sight: Sight, watch: ConnectionWatch, lag: LoopLag): void {
  const { metrics, clock, inHand } = sight;
  metrics.page.beforeReading(() => {
    const deadlineMs = sight.lease?.leadership?.deadlineMs ?? Number.NEGATIVE_INFINITY;
    metrics.leaseRemaining(Math.max(0, deadlineMs - clock.monotonicMs()) / 1000);
    metrics.attemptsInFlight(inHand.size);
    metrics.eventLoopLag(lag.seconds());
    for (const purpose of NODE_CONNECTIONS) metrics.connection(purpose, watch.health(purpose));
  });
  metrics.page.ask<Backlog>(
    () => sight.lane?.backlog() ?? Promise.reject(new Error('not started')),
    (backlog) => metrics.queue(backlog?.jobs, (backlog?.nextWaitingAgeMs ?? 0) / 1000),
  );
}
