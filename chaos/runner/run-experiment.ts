import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRecorder } from '@understudy/history';
import {
  type Clock,
  type NewId,
  randomId,
  seededPrng,
  systemClock,
  systemTimers,
  type Timers,
} from '@understudy/runtime';
import { openUndoJournal } from '../drivers/undo-journal.ts';
import type { RunResult } from '../report/result.ts';
import { ownJobs } from '../workload/own-jobs.ts';
import { fleetRecord, foundFleet, withOwnJobs } from './containers.ts';
import { HandSocket } from './hand-socket.ts';
import { headerOf } from './history-header.ts';
import { judgeRun } from './judge-run.ts';
import type { LabEvent } from './events.ts';
import { makePlan, type Plan, planByHand, serializePlan } from './plan.ts';
import { play } from './play.ts';
import { Progress } from './progress.ts';
import { reapAbandonedRuns, type ReapedRun } from './reap.ts';
import {
  closeAsFailed,
  closeLabFile,
  inRunDirectory,
  makeRunDirectory,
  RUN_FILES,
  writeResult,
} from './run-directory.ts';
import { RunLog } from './run-log.ts';
import { runName } from './run-name.ts';
import type { RunExperiment, RunOptions } from './run-options.ts';
import { faultResults, interruptedResult, type ResultFacts } from './run-result.ts';
import { runSettings } from './run-settings.ts';
import { laneOf } from './settings.ts';
import { setUpStage } from './set-up-stage.ts';
import { groupKeyPrefix, type Stage } from './stage.ts';
import { watchStalls } from './stall-watch.ts';
import { beginningOf, describeReaped } from './start-words.ts';
import { versions } from './versions.ts';
import { type RunWatch, watchRun } from './watch-run.ts';

/** One run, from its plan to its result. */
interface Run {
  readonly options: RunOptions;
  readonly plan: Plan;
  /** The plan as it is kept. */
  readonly document: string;
  readonly name: string;
  readonly directory: string;
  readonly startedAt: string;
  readonly versions: Record<string, string>;
  /** Runs that an earlier lab had left behind. */
  readonly reaped: readonly ReapedRun[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly newId: NewId;
}

/** Makes a run of an experiment, and judges it. See `RunExperiment`. */
export const runExperiment: RunExperiment = async (options) => {
  const { clock = systemClock, timers = systemTimers, newId = randomId, root } = options;
  const group = options.containers?.group;
  const settings = runSettings(options);
  const found = group && foundFleet(group);
  const plan = makePlan(options.experiment, settings, options.redis, options.steps, found);
  const reaped = await reapAbandonedRuns(root, { clock, timers });
  const startedAt = new Date(clock.wallMs()).toISOString();
  const facts = {
    run: runName(startedAt, settings.mode, newId),
    experiment: plan.experiment,
    mode: settings.mode,
    lane: laneOf(settings),
    seed: settings.seed,
    nodes: plan.nodes,
    jobs: settings.jobs.length,
    startedAt,
    ...(group ? { fleet: { project: group.project, group: group.group } } : {}),
    versions: versions(),
  };
  const directory = makeRunDirectory(root, facts);
  const run: Run = {
    options,
    plan: group ? withOwnJobs(plan, ownJobs(facts.run)) : plan,
    document: serializePlan(plan),
    name: facts.run,
    directory,
    startedAt,
    versions: facts.versions,
    reaped,
    clock,
    timers,
    newId,
  };
  try {
    return { directory, result: await makeRun(run) };
  } catch (error) {
    closeAsFailed(directory, error);
    throw error;
  }
};

async function makeRun(run: Run): Promise<RunResult> {
  const { options, plan, name, directory, clock, timers } = run;
  const { settings } = plan;
  inRunDirectory(directory, () => writeFileSync(join(directory, RUN_FILES.schedule), run.document));
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
  const historyPath = join(directory, RUN_FILES.history);
  const progress = new Progress(timers);
  await using watch = await watchOf(run);
  const onEvent = (event: LabEvent): void => {
    watch?.observe(event);
    options.onEvent?.(event);
  };
  const beganMs = clock.wallMs();
  const recorder = createRecorder({
    path: historyPath,
    header: headerOf({ ...run, ...options }),
    clock,
    timers,
  });
  const log = new RunLog({
    recorder,
    progress,
    onEvent,
    onFailure: (error) => failure.abort(error),
    run: name,
    directory,
    mode: settings.mode,
    nodes: plan.nodes,
  });
  const facts = (): ResultFacts => factsOf(run, log, recorder.elapsedMs());
  const judge = async (): Promise<RunResult> => {
    log.phase('judging', 'reading the history');
    const result = await judgeRun(facts(), plan.steps, options.replayOf, historyPath);
    return watch ? watch.complete(result, historyPath, beganMs) : result;
  };
  let judged: RunResult | undefined;
  try {
    const fail = (error: Error): void => failure.abort(error);
    for (const each of watch?.told ?? []) log.phase('starting', each);
    await onStage(run, watch, log, progress, signal, fail, async (stage) => {
      if (!options.keep) return;
      log.close();
      await recorder.close();
      judged = await judge();
      if (judged.status === 'fail') await keepFleet(run, stage, judged, options.keep);
    });
  } catch (error) {
    if (failure.signal.aborted) throw failure.signal.reason;
    if (!signal.aborted) throw error;
  } finally {
    log.close();
    // A failure to write was the reason to end, or has been reported as one.
    await recorder.close().catch((error: unknown) => failure.abort(error));
  }
  if (failure.signal.aborted) throw failure.signal.reason;
  if (signal.aborted && !judged) {
    const result = interruptedResult(facts(), 'the run was interrupted');
    keepResult(directory, result, 'interrupted');
    log.phase('done', 'interrupted; everything the run started has ended');
    return result;
  }
  const result = judged ?? (await judge());
  keepResult(directory, result, 'done');
  log.phase('done', result.status);
  return result;
}

/** Whoever is to see the metrics of the run; undefined where nobody is. */
async function watchOf(run: Run): Promise<RunWatch | undefined> {
  const { watch: request, root, environment = process.env } = run.options;
  return request && watchRun({ ...run, request, root, environment });
}

/** Hands what is left of a refuted fleet to whoever wants to look at it. */
async function keepFleet(
  { directory, name }: Run,
  stage: Stage,
  result: RunResult,
  keep: NonNullable<RunOptions['keep']>,
): Promise<void> {
  keepResult(directory, result, 'kept');
  const { dataUrl, lockUrls } = stage.redis;
  await keep({
    ...{ result, directory, redis: { dataUrl, lockUrls }, keyPrefix: groupKeyPrefix(name) },
    async startNodes() {
      const fleet = stage.startNodesAgain();
      await fleet.ready();
      return fleet.nodes.map((node) => ({ name: node.name, pid: node.process.pid }));
    },
  });
}

function keepResult(
  directory: string,
  result: RunResult,
  status: 'kept' | 'done' | 'interrupted',
): void {
  inRunDirectory(directory, () => {
    writeResult(directory, result);
    closeLabFile(directory, status);
  });
}

/** Sets up the stage, plays, and leaves nothing of it, whatever happens. */
async function onStage(
  run: Run,
  watch: RunWatch | undefined,
  log: RunLog,
  progress: Progress,
  signal: AbortSignal,
  onFailure: (error: Error) => void,
  beforeTheEnd: (stage: Stage) => Promise<void>,
): Promise<void> {
  const { options, plan, name, directory, clock, timers, newId } = run;
  await using started = new AsyncDisposableStack();
  const journal = started.adopt(openUndoJournal(directory), (opened) => opened.close());
  for (const left of run.reaped) log.phase('starting', describeReaped(left));
  log.phase('starting', beginningOf(options));
  const stage = started.use(
    await setUpStage({
      plan,
      run: name,
      root: options.root,
      directory,
      redis: options.redis,
      containers: options.containers,
      environment: options.environment ?? process.env,
      journal,
      metricsPortOf: (node) => watch?.portOf(node),
      record: log.record,
      note: (kind, text) => log.note(kind, text),
      nudge: () => progress.nudge(),
      subject: options.subject,
      signal,
      onFailure,
      clock,
      timers,
      newId,
    }),
  );
  run.versions.redis = stage.redis.version;
  started.use(
    watchStalls(clock, timers, (durationMs) =>
      log.record({ op: 'stall', type: 'info', process: 'lab', durationMs }),
    ),
  );
  signal.throwIfAborted();
  const prng = seededPrng(plan.settings.seed).fork('targets');
  await using hand = await HandSocket.open({
    path: join(directory, RUN_FILES.hand),
    plan: (order) => planByHand(plan, options.redis, order),
  });
  await play({ plan, stage, log, progress, journal, hand, prng, signal, clock, timers });
  await beforeTheEnd(stage);
}

/** What every result of the run says. */
function factsOf(
  { options, plan, name, directory, startedAt, versions: known }: Run,
  { faults, notes }: Pick<RunLog, 'faults' | 'notes'>,
  elapsedMs: number,
): ResultFacts {
  const { settings } = plan;
  return {
    run: name,
    directory,
    experiment: plan.experiment,
    mode: settings.mode,
    lane: laneOf(settings),
    seed: settings.seed,
    nodes: plan.nodes,
    ...(notes.length === 0 ? {} : { notes }),
    ...(settings.sabotage.length === 0 ? {} : { sabotage: settings.sabotage }),
    ...(options.containers ? { fleet: fleetRecord(options.containers.group) } : {}),
    jobs: settings.jobs.length,
    faults: faultResults(plan.steps, faults),
    startedAt,
    durationMs: Math.round(elapsedMs),
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    versions: known,
  };
}
