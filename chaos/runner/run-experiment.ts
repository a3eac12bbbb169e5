import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRecorder, type HistoryHeader } from '@understudy/history';
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
import { markedEnqueues, type OwnJobs, ownJobs } from '../workload/own-jobs.ts';
import { fleetRecord, foundFleet, settingsInContainers } from './containers.ts';
import { judgeRun } from './judge-run.ts';
import { makePlan, type Plan, serializePlan } from './plan.ts';
import { play } from './play.ts';
import { Progress } from './progress.ts';
import { reapAbandonedRuns, type ReapedRun } from './reap.ts';
import {
  closeLabFile,
  inRunDirectory,
  makeRunDirectory,
  RUN_FILES,
  writeResult,
} from './run-directory.ts';
import { RunLog } from './run-log.ts';
import type { RunExperiment, RunOptions } from './run-options.ts';
import { faultResults, interruptedResult, type ResultFacts } from './run-result.ts';
import { type RunSettings, settingsFor } from './settings.ts';
import { groupKeyPrefix, setUpStage, type Stage } from './stage.ts';
import { watchStalls } from './stall-watch.ts';
import { versions } from './versions.ts';

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
  const settings = settingsOf(options);
  const group = options.containers?.group;
  const found = group && foundFleet(group);
  const plan = makePlan(options.experiment, settings, options.redis, options.steps, found);
  const reaped = await reapAbandonedRuns(root, { clock, timers });
  const startedAt = new Date(clock.wallMs()).toISOString();
  const facts = {
    run: runName(startedAt, settings.mode, newId),
    experiment: plan.experiment,
    mode: settings.mode,
    seed: settings.seed,
    nodes: plan.nodes,
    jobs: settings.jobs.length,
    startedAt,
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

/** What the fleet is started with, or was. */
function settingsOf({ experiment, settings, containers }: RunOptions): RunSettings {
  if (!containers) return settingsFor(experiment, settings);
  return settingsFor({}, settingsInContainers(experiment, settings, containers.group));
}

/** The same plan with jobs that nobody else has. */
function withOwnJobs(plan: Plan, own: OwnJobs): Plan {
  const { settings, enqueues } = plan;
  return {
    ...plan,
    settings: { ...settings, jobs: settings.jobs.map((job) => own.mark(job)) },
    enqueues: markedEnqueues(enqueues, own),
  };
}

async function makeRun(run: Run): Promise<RunResult> {
  const { options, plan, name, directory, clock, timers } = run;
  const { settings } = plan;
  inRunDirectory(directory, () => writeFileSync(join(directory, RUN_FILES.schedule), run.document));
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
  const historyPath = join(directory, RUN_FILES.history);
  const progress = new Progress(timers);
  const recorder = createRecorder({ path: historyPath, header: headerOf(run), clock, timers });
  const log = new RunLog({
    recorder,
    progress,
    onEvent: options.onEvent ?? (() => undefined),
    onFailure: (error) => failure.abort(error),
    run: name,
    directory,
    mode: settings.mode,
    nodes: plan.nodes,
  });
  const facts = (): ResultFacts => ({
    run: name,
    directory,
    experiment: plan.experiment,
    mode: settings.mode,
    seed: settings.seed,
    nodes: plan.nodes,
    ...(settings.sabotage.length === 0 ? {} : { sabotage: settings.sabotage }),
    ...(options.containers ? { fleet: fleetRecord(options.containers.group) } : {}),
    jobs: settings.jobs.length,
    faults: faultResults(plan.steps, log.faults),
    startedAt: run.startedAt,
    durationMs: Math.round(recorder.elapsedMs()),
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    versions: run.versions,
  });
  const judge = (): Promise<RunResult> => {
    log.phase('judging', 'reading the history');
    return judgeRun(facts(), plan.steps, options.replayOf, historyPath);
  };
  let judged: RunResult | undefined;
  try {
    const fail = (error: Error): void => failure.abort(error);
    await onStage(run, log, progress, signal, fail, async (stage) => {
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
      record: log.record,
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
  await play({ plan, stage, log, progress, journal, prng, signal, clock, timers });
  await beforeTheEnd(stage);
}

function beginningOf({ containers, redis }: RunOptions): string {
  if (containers) {
    const { project, group } = containers.group;
    return `attaching to ${group} of the compose project ${project}`;
  }
  return redis ? 'looking at the Redis given' : 'starting Redis';
}

function describeReaped({ run, ended, healed, trouble }: ReapedRun): string {
  const done = [...ended.map((each) => `ended ${each}`), ...healed];
  const what = done.length === 0 ? 'nothing was left running' : done.join('; ');
  const marked = trouble === undefined ? 'interrupted' : `abandoned, but not marked so: ${trouble}`;
  return `the earlier run ${run} was ${marked}; ${what}`;
}

function headerOf({ plan, name, startedAt, options }: Run): HistoryHeader {
  const { settings } = plan;
  const coordinated = settings.mode !== 'uncoordinated';
  return {
    history: 1,
    run: name,
    mode: settings.mode,
    lane: 'bullmq',
    startedAt,
    seed: settings.seed,
    nodes: [...plan.nodes],
    ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
    ...(options.containers ? { fleet: fleetRecord(options.containers.group) } : {}),
    expect: {
      epochs: settings.mode === 'active-passive',
      idempotency: coordinated,
      ordered: false,
      balances: options.containers === undefined,
      ...(options.containers ? { accountsShared: true } : {}),
      ttlMs: settings.ttlMs,
      livenessBoundMs: settings.livenessBoundMs,
      takeoverLimitMs: { ...settings.takeoverLimitMs },
      // A Redis of the user's keeps what its own configuration says.
      ...(options.redis || options.containers ? {} : { storeKeeps: settings.persistence }),
      poison: [...settings.poison, ...settings.deadly],
      schedule: plan.steps.map(({ id, fault, target }) => ({ id, fault, target })),
    },
  };
}

/** `20261123-174312-active-passive-x7Fq1a`: sorts by time, and is a legal name of a group. */
function runName(startedAt: string, mode: string, newId: NewId): string {
  const [date = '', time = ''] = startedAt.split(/[T.]/);
  const unique = newId()
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 6);
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${mode}-${unique}`;
}

function closeAsFailed(directory: string, error: unknown): void {
  try {
    closeLabFile(directory, 'failed', error);
  } catch {
    // The directory cannot be written any more; the error itself is thrown, and says more.
  }
}
