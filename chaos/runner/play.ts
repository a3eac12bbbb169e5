import type { Mode } from '@understudy/history';
import { type Clock, messageOf, type Prng, sleep, type Timers } from '@understudy/runtime';
import type { UndoJournal } from '../drivers/undo-journal.ts';
import { Nemesis } from '../schedule/nemesis.ts';
import { produce } from '../workload/producer.ts';
import type { Phase } from './events.ts';
import type { HandSocket } from './hand-socket.ts';
import { type FleetHealth, fleetHealth } from './health.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';
import { readEnd } from './read-end.ts';
import type { RunLog } from './run-log.ts';
import { isOrdered } from './settings.ts';
import { settle, zombieChanceMs } from './settle.ts';
import type { Stage } from './stage.ts';

/** What a play needs besides its stage. */
export interface PlayOptions {
  plan: Plan;
  stage: Stage;
  log: RunLog;
  progress: Progress;
  journal: UndoJournal;
  /** Where faults by hand are asked for. */
  hand: Pick<HandSocket, 'serve'>;
  prng: Prng;
  /** Ends the play; the promise then rejects with the reason, or resolves early. */
  signal: AbortSignal;
  clock: Clock;
  timers: Timers;
}

const STEADY_LIMIT_MS = 10_000;
/** A node that is ready and has a state to tell tells it by then. */
const FIRST_STATE_MS = 1000;
/** Whoever watches is told at least this often what is waited for. */
const TELL_MS = 1000;
const RECOVERY_MARGIN_MS = 3000;
const DRAIN_LIMIT_MS = 5000;

/**
 * Plays a plan on a stage: waits for a healthy fleet, lets jobs flow while the nemesis works,
 * settles, stops the nodes and records what is left. Everything it sees is in the log.
 */
export async function play(options: PlayOptions): Promise<void> {
  const { plan, stage, log, progress, signal, clock, timers } = options;
  const { settings, nodes } = plan;
  const beganMs = clock.monotonicMs();
  const sinceBegan = (): string => `${Math.round(clock.monotonicMs() - beganMs)} ms`;

  const doing = stage.fleet.stays ? 'listening to' : 'starting';
  log.phase('starting', `${doing} ${nodes.length} nodes`);
  await unlessAborted(stage.fleet.ready(), signal);
  log.phase('steady', `${nodes.length} nodes ready in ${sinceBegan()}`);
  await untilHealthy(options, 'steady', STEADY_LIMIT_MS);
  const untouched = await untilTraffic(options);
  recordHealth(options, 'before-first-fault', []);
  if (untouched) {
    await stop(options);
    await end(options);
    return;
  }

  const rate = settings.rate === 'max' ? 'as fast as possible' : `${settings.rate} a second`;
  log.phase('running', `${settings.jobs.length} jobs flow, ${rate}`);
  const nemesis = new Nemesis({
    steps: plan.steps,
    arena: stage.arena,
    mode: settings.mode,
    progress,
    record: log.record,
    journal: options.journal,
    prng: options.prng,
    signal,
    clock,
    timers,
  });
  options.hand.serve(nemesis);
  const produced = produce(plan.enqueues, {
    enqueuer: stage.openEnqueuer(),
    rate: settings.rate,
    inOrder: isOrdered(settings),
    record: log.record,
    signal,
    clock,
    timers,
  });
  await unlessAborted(Promise.race([produced, failureOf(nemesis.done)]), signal);

  const tell = (detail: string): void => log.phase('settling', detail);
  const settling = { settings, progress, nemesis, queue: stage.queue, tell, signal, clock, timers };
  await unlessAborted(settle(settling), signal);
  await untilHealthy(options, 'settling', settings.ttlMs + RECOVERY_MARGIN_MS);
  recordHealth(options, 'after-last-heal', nemesis.unhealed);
  if (stage.fleet.stays) await waitOut(options, nemesis.lastHealMs ?? beganMs);
  else await stop(options);
  await end(options);
}

/**
 * Waits until each node has sent something to the Redis that it was given, not for ever. Returns
 * whether none has: then no job would reach them, and nothing would be tested.
 */
async function untilTraffic({ stage, progress, log, signal }: PlayOptions): Promise<boolean> {
  const { withoutTraffic } = stage;
  if (!withoutTraffic) return false;
  const all = stage.fleet.nodes.length;
  if (withoutTraffic().length > 0) {
    log.phase('steady', `waiting for the first command of ${withoutTraffic().join(', ')} to Redis`);
  }
  const every = (): boolean => withoutTraffic().length === 0;
  await progress.until(every, { limitMs: STEADY_LIMIT_MS, signal });
  signal.throwIfAborted();
  const silent = withoutTraffic();
  if (silent.length === 0) return false;
  const left = silent.length === all ? 'no job is enqueued' : 'the run goes on with the others';
  const text = `${silent.join(', ')} sent nothing to the Redis in REDIS_URL within ${STEADY_LIMIT_MS / 1000} s: ${left}`;
  log.note('ignores-redis-url', text);
  return silent.length === all;
}

/** Stops every node, so that what is read afterwards is the last word. */
async function stop({ stage, log, signal }: PlayOptions): Promise<void> {
  log.phase('settling', 'stopping all nodes');
  const stubborn = await unlessAborted(stage.fleet.stop(DRAIN_LIMIT_MS), signal);
  if (stubborn.length === 0) return;
  log.phase('settling', `${stubborn.join(', ')} did not end on SIGTERM and had to be killed`);
}

/**
 * A fleet that is somebody's own is not stopped. In its place everybody who may hold one of the
 * run's jobs is given the time to do harm with it, whatever the faults were.
 */
async function waitOut(options: PlayOptions, lastHealMs: number): Promise<void> {
  const { plan, log, signal, clock, timers } = options;
  const waitMs = lastHealMs + zombieChanceMs(plan.settings) - clock.monotonicMs();
  if (waitMs <= 0) return;
  const told = (waitMs / 1000).toFixed(1);
  log.phase('settling', `waiting ${told} s in place of stopping the nodes, which go on working`);
  await sleep(timers, waitMs, signal);
  signal.throwIfAborted();
}

/** Records what the ledger and the queue hold. */
async function end({ stage, log, progress, signal }: PlayOptions): Promise<void> {
  try {
    const { rest, size } = await unlessAborted(readEnd(stage.queue, stage.effects), signal);
    // Where the queue has no list of them, what the nodes said they put aside is all there is.
    const { counts, pendingJobs, parkedJobs = progress.parkedJobs, balances } = rest;
    const silent = stage.withoutTraffic?.() ?? [];
    log.record({
      op: 'end',
      type: 'ok',
      process: 'ledger',
      queue: { ...counts },
      pendingJobs: [...(pendingJobs ?? [])],
      ...(pendingJobs ? {} : { pendingUnknown: true }),
      parkedJobs: [...parkedJobs],
      ...(balances ? { balances: { ...balances } } : {}),
      ...(silent.length === 0 ? {} : { withoutTraffic: [...silent] }),
      ...size,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    // Without an end in the history the verdict cannot be a pass; the run is judged all the same.
    log.phase('settling', `what is left could not be read: ${messageOf(error)}`);
  }
}

/** Waits until the fleet is as it should be, not longer than `limitMs`. */
async function untilHealthy(options: PlayOptions, phase: Phase, limitMs: number): Promise<void> {
  const { stage, progress, log, signal, clock } = options;
  const spoke = (): boolean =>
    stage.fleet.nodes.every(({ name }) => progress.nodeView(name).speaks);
  const mayYetSpeak =
    phase === 'steady' || stage.fleet.nodes.some(({ name }) => progress.nodeView(name).speaks);
  if (mayYetSpeak) await progress.until(spoke, { limitMs: FIRST_STATE_MS, signal });
  const healthy = (): boolean => healthOf(options).healthy;
  const deadlineMs = clock.monotonicMs() + limitMs;
  for (let leftMs = limitMs; leftMs > 0; leftMs = deadlineMs - clock.monotonicMs()) {
    if (await progress.until(healthy, { limitMs: Math.min(leftMs, TELL_MS), signal })) break;
    signal.throwIfAborted();
    log.phase(phase, `waiting for a healthy fleet: ${healthOf(options).detail}`);
  }
  signal.throwIfAborted();
}

function healthOf({ stage, progress, plan }: PlayOptions): FleetHealth {
  const mode: Mode = plan.settings.mode;
  const nodes = stage.fleet.nodes.map(({ name, up }) => ({
    name,
    up,
    state: progress.nodeView(name).state,
  }));
  return fleetHealth(nodes, mode);
}

function recordHealth(
  options: PlayOptions,
  phase: 'before-first-fault' | 'after-last-heal',
  unhealed: readonly string[],
): void {
  const { healthy, detail } = healthOf(options);
  options.log.record({
    op: 'health',
    type: 'info',
    process: 'lab',
    phase,
    healthy: healthy && unhealed.length === 0,
    detail: [detail, ...unhealed.map((what) => `not healed: ${what}`)].join('; '),
  });
}

/** Rejects when `promise` does, and never resolves. */
function failureOf(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void promise.catch(reject));
}

/** The outcome of `promise`, or a rejection as soon as `signal` aborts; nobody waits for it then. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
