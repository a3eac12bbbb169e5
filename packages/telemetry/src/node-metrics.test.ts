import { expect, test } from 'vitest';
import { NODE_STATES, openNodeMetrics } from './node-metrics.ts';
import { changedIn, seriesOf } from './series.test-support.ts';

const LABELS = { group: 'g', mode: 'active-passive', node: 'node-1' };
const OWN = 'group="g",mode="active-passive",node="node-1"';

test('all that a node will ever say is on its page before anything happened, at 0', async () => {
  const { page } = await openNodeMetrics(LABELS);
  const series = await seriesOf(page);
  const histograms = ['takeover', 'handler', 'commit'].map(
    (what) => `understudy_${what}_duration_seconds`,
  );
  const withoutBuckets = Object.keys(series).filter((name) => !name.includes('_bucket{'));
  expect(withoutBuckets.sort()).toEqual(
    [
      ...[
        'understudy_node_state',
        'understudy_epoch',
        'understudy_lease_remaining_seconds',
        'understudy_takeovers_total',
        'understudy_last_takeover_duration_seconds',
        'understudy_last_takeover_timestamp_seconds',
        'understudy_jobs_fetched_total',
        'understudy_effects_committed_total',
        'understudy_duplicates_suppressed_total',
        'understudy_commits_fenced_total',
        'understudy_jobs_recovered_total',
        'understudy_jobs_parked_total',
        'understudy_attempts_failed_total',
        'understudy_attempts_in_flight',
        'understudy_oldest_waiting_job_age_seconds',
        'understudy_event_loop_lag_seconds',
        ...histograms.flatMap((name) => [`${name}_sum`, `${name}_count`]),
      ].map((name) => `${name}{${OWN}}`),
      ...['waiting', 'active', 'delayed', 'parked'].map(
        (state) => `understudy_queue_jobs{state="${state}",${OWN}}`,
      ),
      ...['command', 'queue', 'subscribe'].flatMap((connection) => [
        `understudy_redis_up{connection="${connection}",${OWN}}`,
        `understudy_redis_reconnects_total{connection="${connection}",${OWN}}`,
      ]),
    ].sort(),
  );
  for (const name of histograms) {
    expect(Object.keys(series).filter((key) => key.startsWith(`${name}_bucket`))).toHaveLength(17);
    expect(series).toHaveProperty([`${name}_bucket{le="30",${OWN}}`], 0);
  }
  expect(Object.values(series).every((value) => value === 0)).toBe(true);
});

test('the value of a state is its place in the life of a node', async () => {
  const metrics = await openNodeMetrics(LABELS);
  const values: unknown[] = [];
  for (const state of NODE_STATES) {
    metrics.state(state);
    values.push((await seriesOf(metrics.page))[`understudy_node_state{${OWN}}`]);
  }
  expect(values).toEqual([0, 1, 2, 3, 4]);
});

test('a takeover is counted, and its duration falls into its bucket', async () => {
  const metrics = await openNodeMetrics(LABELS);
  metrics.takenOver(0.0021, 1_700_000_000);
  metrics.takenOver(40, 1_700_000_100);
  metrics.epoch(7);
  metrics.leaseRemaining(1.5);
  const series = await seriesOf(metrics.page);
  const bucket = (le: string): number | undefined =>
    series[`understudy_takeover_duration_seconds_bucket{le="${le}",${OWN}}`];
  expect(['0.001', '0.002', '0.005', '30', '+Inf'].map(bucket)).toEqual([0, 0, 1, 1, 2]);
  expect(series).toMatchObject({
    [`understudy_takeovers_total{${OWN}}`]: 2,
    [`understudy_takeover_duration_seconds_sum{${OWN}}`]: 40.0021,
    [`understudy_last_takeover_duration_seconds{${OWN}}`]: 40,
    [`understudy_last_takeover_timestamp_seconds{${OWN}}`]: 1_700_000_100,
    [`understudy_epoch{${OWN}}`]: 7,
    [`understudy_lease_remaining_seconds{${OWN}}`]: 1.5,
  });
});

test('each recording changes its own metric and no other', async () => {
  const record: [string, number, (metrics: Awaited<ReturnType<typeof openNodeMetrics>>) => void][] =
    [
      ['jobs_fetched_total', 1, (metrics) => metrics.jobFetched()],
      ['attempts_in_flight', 3, (metrics) => metrics.attemptsInFlight(3)],
      ['attempts_failed_total', 1, (metrics) => metrics.attemptFailed()],
      ['jobs_parked_total', 1, (metrics) => metrics.jobParked()],
      ['jobs_recovered_total', 5, (metrics) => metrics.jobsRecovered(5)],
      ['event_loop_lag_seconds', 0.25, (metrics) => metrics.eventLoopLag(0.25)],
    ];
  for (const [name, value, by] of record) {
    const metrics = await openNodeMetrics(LABELS);
    by(metrics);
    expect(await changedIn(metrics.page)).toEqual({ [`understudy_${name}{${OWN}}`]: value });
  }
});

test('a commit is timed whatever came of it, and counted by its outcome', async () => {
  const outcomes = {
    applied: 'effects_committed',
    duplicate: 'duplicates_suppressed',
    fenced: 'commits_fenced',
    conflict: undefined,
    capacity: undefined,
    unknown: undefined,
  } as const;
  for (const [outcome, counter] of Object.entries(outcomes)) {
    const metrics = await openNodeMetrics(LABELS);
    metrics.commit(outcome as keyof typeof outcomes, 0.003);
    const changed = Object.entries(await changedIn(metrics.page)).filter(
      ([name]) => !name.includes('_bucket'),
    );
    expect(Object.fromEntries(changed)).toEqual({
      [`understudy_commit_duration_seconds_sum{${OWN}}`]: 0.003,
      [`understudy_commit_duration_seconds_count{${OWN}}`]: 1,
      ...(counter ? { [`understudy_${counter}_total{${OWN}}`]: 1 } : {}),
    });
  }
});

test('a handler is timed', async () => {
  const metrics = await openNodeMetrics(LABELS);
  metrics.handled(0.006);
  const series = await seriesOf(metrics.page);
  expect(series[`understudy_handler_duration_seconds_bucket{le="0.005",${OWN}}`]).toBe(0);
  expect(series[`understudy_handler_duration_seconds_bucket{le="0.01",${OWN}}`]).toBe(1);
});

test('a queue that does not answer has no depth, rather than an old one or none', async () => {
  const metrics = await openNodeMetrics(LABELS);
  const ofQueue = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(await seriesOf(metrics.page)).filter(([name]) =>
        /queue_jobs|oldest/.test(name),
      ),
    );
  const known = {
    [`understudy_queue_jobs{state="waiting",${OWN}}`]: 4,
    [`understudy_queue_jobs{state="active",${OWN}}`]: 3,
    [`understudy_queue_jobs{state="delayed",${OWN}}`]: 2,
    [`understudy_queue_jobs{state="parked",${OWN}}`]: 1,
    [`understudy_oldest_waiting_job_age_seconds{${OWN}}`]: 9,
  };
  metrics.queue({ waiting: 4, active: 3, delayed: 2, parked: 1 }, 9);
  expect(await ofQueue()).toEqual(known);
  metrics.queue(undefined, 0);
  expect(await ofQueue()).toEqual({});
  metrics.queue({ waiting: 4, active: 3, delayed: 2, parked: 1 }, 9);
  expect(await ofQueue()).toEqual(known);
});

test('reconnects are counted once each, though they are told as a sum', async () => {
  const metrics = await openNodeMetrics(LABELS);
  metrics.connection('queue', { up: true, reconnects: 2 });
  metrics.connection('queue', { up: true, reconnects: 2 });
  metrics.connection('queue', { up: false, reconnects: 3 });
  metrics.connection('command', { up: true, reconnects: 0 });
  expect(await changedIn(metrics.page)).toEqual({
    [`understudy_redis_up{connection="command",${OWN}}`]: 1,
    [`understudy_redis_reconnects_total{connection="queue",${OWN}}`]: 3,
  });
});
