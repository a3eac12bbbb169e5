import { createHash } from 'node:crypto';
import {
  type Clock,
  invariant,
  type NewId,
  seededPrng,
  sleep,
  type Timers,
} from '@understudy/runtime';
import type { OperationBody } from '@understudy/history';
import { openUndoJournal } from '../drivers/undo-journal.ts';
import { FaultNotPossible } from '../errors.ts';
import { aim } from '../schedule/arena.ts';
import { faultOf, stepDurationMs } from '../schedule/compile.ts';
import { isRedisTarget, type PlannedStep } from '../schedule/step.ts';
import { type Candidate, type Resolved, resolveTarget } from '../schedule/targets.ts';
import { setUpComposeStage } from './compose-stage.ts';
import { type Containers, foundFleet } from './containers.ts';
import { type FaultOutcome, sayHealed, sayLanded } from './fault-words.ts';
import { planByHand } from './plan.ts';
import { Progress } from './progress.ts';
import { reapAbandonedRuns } from './reap.ts';
import { closeLabFile, makeRunDirectory } from './run-directory.ts';
import type { Stage } from './stage.ts';
import { versions } from './versions.ts';

/** One fault, to be injected by hand into a fleet in containers that no run of the lab is at work on. */
export interface FaultByHand {
  readonly fault: string;
  /** `leader`, `standby`, `any`, the name of a node or of a Redis server. */
  readonly target: string;
  /** As written: durations may be `'2s'` or milliseconds. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly containers: Containers;
  /** The directory that holds `.understudy`, where the undo journal is kept meanwhile. */
  readonly root: string;
  /** Heals the fault before its time is over. */
  readonly signal: AbortSignal;
  /** Told what happens, in sentences. */
  say(text: string): void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly newId: NewId;
}

/** In a fleet without a leader one looks so long who has most in hand. */
const LOOK_MS = 500;

/**
 * Injects a fault into a fleet in containers, and takes it back when its time is over or `signal`
 * aborts. If this process dies in between, the next start of the lab takes it back.
 * @throws {InvalidSchedule} when the fault cannot be carried out
 * @throws {FaultNotPossible} when there is nobody to hit at the moment
 * @throws {DockerEngineUnfit} @throws {ComposeProjectUnfit}
 */
export async function faultByHand(options: FaultByHand): Promise<FaultOutcome> {
  const { containers, root, say, clock, timers, newId } = options;
  const { group } = containers;
  const found = foundFleet(group);
  const step = planByHand({ ...found, found, proxied: true }, undefined, options);
  for (const { run, healed } of await reapAbandonedRuns(root, { clock, timers })) {
    if (healed.length > 0) say(`left by ${run}: ${healed.join('; ')}`);
  }
  const startedAt = new Date(clock.wallMs()).toISOString();
  const unique = createHash('sha256').update(newId()).digest('hex').slice(0, 6);
  const run = `${startedAt.replaceAll(/\D/g, '').slice(0, 14)}-fault-${unique}`;
  const directory = makeRunDirectory(root, {
    ...{ run, experiment: `fault ${step.fault} ${step.target}`, mode: group.mode, seed: 0 },
    ...{ nodes: group.nodes.map(({ name }) => name), jobs: 0, startedAt, versions: versions() },
    byHand: true,
  });
  try {
    await using started = new AsyncDisposableStack();
    const journal = started.adopt(openUndoJournal(directory), (opened) => opened.close());
    const progress = new Progress(timers);
    const failure = new AbortController();
    const stage = started.use(
      await setUpComposeStage(containers, {
        ...{ run, directory, journal, clock, timers, jobs: { isOwn: () => true } },
        proxies: faultOf(step).place === 'link' ? { seed: seedOf(run) } : undefined,
        record: observer(progress, clock),
        onFailure: (error) => failure.abort(error),
      }),
    );
    const hit = await find(step, stage, progress, options);
    return await carryOut(step, hit, stage, options);
  } finally {
    closeLabFile(directory, 'done');
  }
}

/** What is drawn at random in a proxy differs from fault to fault. */
function seedOf(run: string): number {
  return createHash('sha256').update(run).digest().readUInt32BE();
}

/** Takes what the fleet says into `progress`; nothing of it is kept. */
function observer(progress: Progress, clock: Clock): (operation: OperationBody) => void {
  let seq = 0;
  return (body) => {
    seq += 1;
    progress.observe({ ...body, seq, at: clock.monotonicMs() });
  };
}

async function find(
  { target }: PlannedStep,
  stage: Stage,
  progress: Progress,
  { containers, signal, newId }: FaultByHand,
): Promise<Resolved> {
  if (isRedisTarget(target)) return { name: target };
  const { mode } = containers.group;
  const candidates = (): Candidate[] =>
    stage.fleet.nodes.map(({ name, up }) => ({ name, up, free: up, ...progress.nodeView(name) }));
  if (mode !== 'active-passive') {
    const busy = (): boolean => candidates().some(({ inFlight }) => inFlight > 0);
    await progress.until(busy, { limitMs: LOOK_MS, signal });
  }
  const role = target as Parameters<typeof resolveTarget>[0];
  const found = resolveTarget(role, candidates(), mode, seededPrng(newId()));
  if (found) return found;
  const states = candidates().map(({ name, state }) => `${name} is ${state ?? 'silent'}`);
  throw new FaultNotPossible(`there is no ${target} to hit at the moment: ${states.join(', ')}`);
}

async function carryOut(
  step: PlannedStep,
  hit: Resolved,
  { arena }: Stage,
  { signal, say, clock, timers }: FaultByHand,
): Promise<FaultOutcome> {
  const strike = aim(faultOf(step), hit.name, step.parameters, arena);
  invariant(strike, 'what was found can be reached');
  const fromMs = clock.monotonicMs();
  const landed = await strike.inject();
  const landedMs = Math.round(clock.monotonicMs() - fromMs);
  const durationMs = landed.seen ? stepDurationMs(step) : 0;
  sayLanded(step.fault, hit, landed, landedMs, durationMs, say);
  await sleep(timers, durationMs, signal);
  const healed = await strike.heal();
  sayHealed(step.fault, hit, healed, say);
  return { ...hit, landed, healed, landedMs };
}
