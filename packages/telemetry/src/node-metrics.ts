import type { Timers } from '@understudy/runtime';
import { connectionMetrics, showConnection } from './connection-metrics.ts';
import { type MetricsPage, openMetricsPage } from './metrics-page.ts';

/** The states of a node; the place in this list is the value of `understudy_node_state`. */
export const NODE_STATES = ['starting', 'passive', 'active', 'draining', 'stopped'] as const;

/** The purposes of the connections that a node has. */
export const NODE_CONNECTIONS = ['command', 'queue', 'subscribe'] as const;

/** Where jobs can be, as `understudy_queue_jobs` tells them apart. */
export const JOB_STATES = ['waiting', 'active', 'delayed', 'parked'] as const;

/** Which node's metrics they are: labels of every series. */
export interface NodeLabels {
  readonly group: string;
  readonly mode: string;
  readonly node: string;
}

const TAKEOVER_SECONDS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5],
  ...[1, 2, 5, 10, 30],
];
const JOB_SECONDS = [
  ...[0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  ...[1, 2, 5, 10, 30],
];

/** Opens the metrics of a node. They are all there from the beginning. */
export async function openNodeMetrics(labels: NodeLabels, timers?: Timers): Promise<NodeMetrics> {
  return new NodeMetrics(await openMetricsPage({ ...labels }, timers));
}

/** What there is to be measured in a node. Recording is synchronous and never throws. */
export class NodeMetrics {
  readonly page: MetricsPage;
  readonly #m: ReturnType<typeof registered>;

  constructor(page: MetricsPage) {
    this.page = page;
    this.#m = registered(page);
  }

  /** The node is in that state now. */
  state(state: (typeof NODE_STATES)[number]): void {
    this.#m.state.set(NODE_STATES.indexOf(state));
  }

  /** The node leads under `epoch`; 0 when it does not lead. */
  epoch(epoch: number): void {
    this.#m.epoch.set(epoch);
  }

  /** How long its lease lasts unless it is extended; 0 when it has none. */
  leaseRemaining(seconds: number): void {
    this.#m.leaseRemaining.set(seconds);
  }

  /** It took over: in that time, at that time of day (seconds since 1970). */
  takenOver(durationSeconds: number, atSeconds: number): void {
    this.#m.takeovers.inc();
    this.#m.takeoverDuration.observe(durationSeconds);
    this.#m.lastTakeoverDuration.set(durationSeconds);
    this.#m.lastTakeoverTimestamp.set(atSeconds);
  }

  /** A job came in. */
  jobFetched(): void {
    this.#m.jobsFetched.inc();
  }

  /** So many jobs are in hand. */
  attemptsInFlight(jobs: number): void {
    this.#m.attemptsInFlight.set(jobs);
  }

  /** A handler returned or threw after that time. */
  handled(seconds: number): void {
    this.#m.handlerDuration.observe(seconds);
  }

  /** The ledger answered a commit, or (`unknown`) did not, after that time. */
  commit(
    outcome: 'applied' | 'duplicate' | 'conflict' | 'fenced' | 'capacity' | 'unknown',
    seconds: number,
  ): void {
    this.#m.commitDuration.observe(seconds);
    if (outcome === 'applied') this.#m.effectsCommitted.inc();
    else if (outcome === 'duplicate') this.#m.duplicatesSuppressed.inc();
    else if (outcome === 'fenced') this.#m.commitsFenced.inc();
  }

  /** A handler threw, and that consumed one of its job's attempts. */
  attemptFailed(): void {
    this.#m.attemptsFailed.inc();
  }

  /** A job was given up. */
  jobParked(): void {
    this.#m.jobsParked.inc();
  }

  /** So many jobs were taken back from the dead. */
  jobsRecovered(jobs: number): void {
    this.#m.jobsRecovered.inc(jobs);
  }

  /** What is in the queue; `undefined` when nobody knows, and then no series says anything. */
  queue(
    jobs: Readonly<Record<(typeof JOB_STATES)[number], number>> | undefined,
    oldestWaitingAgeSeconds: number,
  ): void {
    const { queueJobs, oldestWaitingAge } = this.#m;
    for (const state of JOB_STATES) {
      if (jobs) queueJobs.set({ state }, jobs[state]);
      else queueJobs.remove({ state });
    }
    if (jobs) oldestWaitingAge.set(oldestWaitingAgeSeconds);
    else oldestWaitingAge.remove();
  }

  /** How late the event loop was in the last second. */
  eventLoopLag(seconds: number): void {
    this.#m.eventLoopLag.set(seconds);
  }

  /** Whether all connections of a purpose are up, and how often any of them came back so far. */
  connection(
    purpose: (typeof NODE_CONNECTIONS)[number],
    { up, reconnects }: { readonly up: boolean; readonly reconnects: number },
  ): void {
    showConnection(this.#m, purpose, up, reconnects);
  }
}

function registered(page: MetricsPage) {
  return {
    state: page.gauge(
      'understudy_node_state',
      'What the node is: 0 starting, 1 passive, 2 active, 3 draining, 4 stopped.',
    ),
    ...leadership(page),
    ...jobs(page),
    ...surroundings(page),
  };
}

function leadership(page: MetricsPage) {
  return {
    epoch: page.gauge('understudy_epoch', 'The epoch this node leads under; 0 when it does not.'),
    leaseRemaining: page.gauge(
      'understudy_lease_remaining_seconds',
      'How long the lease of this node lasts unless it is extended; 0 when it has none.',
    ),
    takeovers: page.counter('understudy_takeovers_total', 'How often this node came to lead.'),
    takeoverDuration: page.histogram(
      'understudy_takeover_duration_seconds',
      'From the moment at which the node saw that the lease could be had until it was active.',
      TAKEOVER_SECONDS,
    ),
    lastTakeoverDuration: page.gauge(
      'understudy_last_takeover_duration_seconds',
      'How long the last takeover by this node took; 0 when there was none.',
    ),
    lastTakeoverTimestamp: page.gauge(
      'understudy_last_takeover_timestamp_seconds',
      'When this node took over last, in seconds since 1970; 0 when it never did.',
    ),
  };
}

function jobs(page: MetricsPage) {
  return {
    jobsFetched: page.counter('understudy_jobs_fetched_total', 'Jobs that came to this node.'),
    effectsCommitted: page.counter(
      'understudy_effects_committed_total',
      'Commits of this node that the ledger applied.',
    ),
    duplicatesSuppressed: page.counter(
      'understudy_duplicates_suppressed_total',
      'Commits whose job had taken effect before, so that nothing happened.',
    ),
    commitsFenced: page.counter(
      'understudy_commits_fenced_total',
      'Commits that the ledger refused because another term is current.',
    ),
    jobsRecovered: page.counter(
      'understudy_jobs_recovered_total',
      'Jobs that this node took back from the dead.',
    ),
    jobsParked: page.counter('understudy_jobs_parked_total', 'Jobs that this node gave up.'),
    attemptsFailed: page.counter(
      'understudy_attempts_failed_total',
      'Attempts that were consumed by an error of the handler.',
    ),
    attemptsInFlight: page.gauge('understudy_attempts_in_flight', 'Jobs in hand.'),
    handlerDuration: page.histogram(
      'understudy_handler_duration_seconds',
      'From the call of a handler until it returned or threw.',
      JOB_SECONDS,
    ),
    commitDuration: page.histogram(
      'understudy_commit_duration_seconds',
      'From the sending of a commit until its answer, or until it was given up.',
      JOB_SECONDS,
    ),
  };
}

function surroundings(page: MetricsPage) {
  return {
    queueJobs: page.gauge(
      'understudy_queue_jobs',
      'Jobs in the queue, by state; absent while the queue does not answer.',
      { by: ['state'], sets: JOB_STATES.map((state) => ({ state })) },
    ),
    oldestWaitingAge: page.gauge(
      'understudy_oldest_waiting_job_age_seconds',
      'How long ago the waiting job was enqueued whose turn comes next; 0 when none waits.',
    ),
    eventLoopLag: page.gauge(
      'understudy_event_loop_lag_seconds',
      'How late timers ran in the last second, at the 99th percentile.',
    ),
    ...connectionMetrics(page, NODE_CONNECTIONS),
  };
}
