import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readHistory } from '@understudy/history';
import { EarlierRunUnusable } from '../errors.ts';
import { type RunResult, runResultSchema } from '../report/result.ts';
import { isRedisTarget, type PlannedStep } from '../schedule/step.ts';
import type { Payment } from '../workload/payment.ts';
import type { Subject } from '../subject/subject.ts';
import { loadSystem } from '../subject/system-config.ts';
import { isOwnWorker, OWN_WORKER_COMMAND } from './own-worker.ts';
import { digestOf } from './plan.ts';
import { type PlanFile, readPlanFile } from './plan-file.ts';
import { RUN_FILES, runsDirectory } from './run-directory.ts';
import type { RequestedSettings } from './settings.ts';
import { type StrikeRecord, strikeReader } from './strikes.ts';

/** A run that was made before, as far as it can be made again. */
export interface EarlierRun {
  /** Its name; the path of its schedule where it is only that. */
  readonly name: string;
  readonly plan: PlanFile;
  /** What each step really hit; empty where only the schedule is known. */
  readonly strikes: ReadonlyMap<string, StrikeRecord>;
  /** What it came to, where that is known. */
  readonly result: RunResult | undefined;
}

/**
 * Reads a run from its directory, or a schedule alone from its file.
 * @throws {EarlierRunUnusable} @throws {HistoryMalformed}
 */
export async function readEarlierRun(path: string): Promise<EarlierRun> {
  if (!existsSync(path)) throw new EarlierRunUnusable(`${path} is not there`);
  if (!statSync(path).isDirectory()) {
    return { name: path, plan: readPlanFile(path), strikes: new Map(), result: undefined };
  }
  const plan = readPlanFile(join(path, RUN_FILES.schedule));
  const history = join(path, RUN_FILES.history);
  const strikes = existsSync(history) ? await strikesIn(history) : new Map<string, StrikeRecord>();
  const result = resultIn(path);
  return { name: result?.run ?? path, plan, strikes, result };
}

/** What the faults of a history really hit. @throws {HistoryUnreadable} @throws {HistoryMalformed} */
export async function strikesIn(path: string): Promise<ReadonlyMap<string, StrikeRecord>> {
  await using history = await readHistory(path);
  const { step, finish } = strikeReader();
  for await (const batch of history.batches) batch.forEach(step);
  return finish();
}

function resultIn(directory: string): RunResult | undefined {
  try {
    const text = readFileSync(join(directory, RUN_FILES.result), 'utf8');
    return runResultSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * The steps of an earlier run with what they really hit in place of roles. A step that hit nothing
 * stays as it was planned.
 */
export function pinnedSteps({ plan, strikes }: EarlierRun): readonly PlannedStep[] {
  return plan.steps.map((step) => {
    const target = strikes.get(step.id)?.target;
    const pinned = target !== undefined && (isRedisTarget(target) || target.startsWith('node-'));
    return pinned ? { ...step, target: target as PlannedStep['target'] } : step;
  });
}

/** What is to be said of an earlier run besides its files. */
export interface ReplaySurroundings {
  /** The jobs it is to be made with: they must be the same. */
  readonly jobs: readonly Payment[];
  /** Where the values of its nodes' own environment are looked up: only names are kept. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The path of the run or of its schedule. */
  readonly path: string;
  /** The directory that holds `.understudy`. */
  readonly root: string;
}

/**
 * The settings of an earlier run, to make it again.
 * @throws {EarlierRunUnusable} when it cannot be made again as it was, with the reason
 */
export function settingsOfEarlier(
  { plan }: EarlierRun,
  { jobs, environment, path, root }: ReplaySurroundings,
): RequestedSettings {
  if (plan.fleet) {
    const { project, group } = plan.fleet;
    throw new EarlierRunUnusable(
      `it was made on containers (${group} of the compose project ${project}), and only runs on processes are replayed. The command that makes such a run again is in its result.json (repeat).`,
    );
  }
  const { count, sha256 } = plan.jobs;
  if (digestOf(jobs) !== sha256) {
    throw new EarlierRunUnusable(
      `the input is not that of the earlier run: its ${count} jobs have another digest (${sha256.slice(0, 12)}…). Give the file it was made with: --input <file>`,
    );
  }
  const { environment: names, workerCommand, ...settings } = plan.settings;
  const missing = names.filter((name) => environment[name] === undefined);
  if (missing.length > 0) {
    throw new EarlierRunUnusable(
      `its nodes had ${missing.join(', ')} in their environment, and values are not kept, because they may be secrets. Set them for this command.`,
    );
  }
  return {
    ...(settings as Partial<RequestedSettings>),
    mode: plan.mode,
    seed: plan.seed,
    jobs,
    environment: Object.fromEntries(names.map((name) => [name, environment[name] ?? ''])),
    workerCommand: commandOf(workerCommand, path, root),
  };
}

/**
 * What an earlier run had on stage, where that is more than a command: its system is loaded again.
 * @throws {EarlierRunUnusable} when its config is not known, or from elsewhere
 * @throws {SystemUnusable}
 */
export async function subjectOfEarlier(
  { plan }: EarlierRun,
  { path, root }: Pick<ReplaySurroundings, 'path' | 'root'>,
): Promise<Subject | undefined> {
  const { foreign } = plan.settings;
  if (foreign?.contract !== 'system') return undefined;
  const { config } = foreign;
  if (config === undefined) {
    throw new EarlierRunUnusable(
      'it was made of a system that a program handed over, and not of a config that could be loaded again: run that program',
    );
  }
  refuseFromElsewhere(`the config ${config}`, path, root);
  return { system: await loadSystem(config), config };
}

/** A schedule from elsewhere must not bring along a command of its own. */
function commandOf(command: readonly string[], path: string, root: string): readonly string[] {
  if (isOwnWorker(command)) return OWN_WORKER_COMMAND;
  refuseFromElsewhere(`another command (${command.join(' ')})`, path, root);
  return command;
}

function refuseFromElsewhere(what: string, path: string, root: string): void {
  if (!relative(runsDirectory(root), path).startsWith('..')) return;
  throw new EarlierRunUnusable(
    `its nodes were ${what}, and commands are only taken from runs under ${runsDirectory(root)}. Put it there if you trust it.`,
  );
}
