import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultOperation, type Operation, readHistory } from '@understudy/history';
import { messageOf } from '@understudy/runtime';
import { startJudging } from '../checker/index.ts';
import { EarlierRunUnusable } from '../errors.ts';
import { formatCount } from '../report/figures.ts';
import { readAssets } from '../report/html/assets.ts';
import { pageOf } from '../report/html/page.ts';
import type { ReadRun, Told } from '../report/html/reported-run.ts';
import { runRecorder } from '../report/html/run-recorder.ts';
import { outcomeOf } from '../report/outcome.ts';
import { type RunResult, runResultSchema } from '../report/result.ts';
import { explainFile } from './explain-file.ts';
import { inRunDirectory, RUN_FILES } from './run-directory.ts';
import { faultResults } from './run-result.ts';

const MODES = ['active-passive', 'active-active', 'uncoordinated'] as const;

/**
 * Writes the report of runs that were made, on one time axis where they are several.
 * @throws {RunDirectoryUnusable} @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function writeReport(
  path: string,
  runs: readonly { readonly directory: string; readonly result: RunResult }[],
): Promise<void> {
  const read: ReadRun[] = [];
  for (const { directory, result } of runs) {
    read.push(await readRun(join(directory, RUN_FILES.history), result));
  }
  writePage(path, read);
}

/** A report holds all jobs of its run; one of more than these is written when it is asked for. */
const MOST_JOBS_UNASKED = 300_000;

/** Writes the report of one run, and says where; the verdict stands whether or not it can be written. */
export async function reportTold(directory: string, result: RunResult): Promise<string> {
  if (result.jobs > MOST_JOBS_UNASKED) {
    return `${RUN_FILES.report} is left out, because the run has more than ${formatCount(MOST_JOBS_UNASKED)} jobs: \`understudy report ${result.run}\` writes it`;
  }
  try {
    await writeReport(join(directory, RUN_FILES.report), [{ directory, result }]);
    return `the report is in ${RUN_FILES.report}`;
  } catch (error) {
    return `${RUN_FILES.report} could not be written: ${messageOf(error)}`;
  }
}

/**
 * Writes the report of runs that are given by their directories, or of histories alone, which are
 * judged for it.
 * @throws {EarlierRunUnusable} @throws {RunDirectoryUnusable} @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function writeReportOf(path: string, given: readonly string[]): Promise<void> {
  const read: ReadRun[] = [];
  for (const each of given) {
    const inside = join(each, RUN_FILES.history);
    const isDirectory = existsSync(inside);
    const result = isDirectory ? resultIn(each) : undefined;
    const history = isDirectory ? inside : each;
    read.push(
      result ? await readRun(history, await explained(history, result)) : await judged(history),
    );
  }
  writePage(path, read);
}

function writePage(path: string, read: readonly ReadRun[]): void {
  const told = read.map((each) => each.told);
  const compared = MODES.every((mode, index) => told[index]?.mode === mode);
  const outcome = compared && told.length === MODES.length ? outcomeOf(told) : undefined;
  const page = pageOf(read, readAssets(), outcome);
  inRunDirectory(path, () => {
    writeFileSync(`${path}.part`, page);
    renameSync(`${path}.part`, path);
  });
}

/** The result beside a history; of a run that has none yet its history is judged. */
function resultIn(directory: string): RunResult | undefined {
  const path = join(directory, RUN_FILES.result);
  if (!existsSync(path)) return undefined;
  const parsed = runResultSchema.safeParse(jsonIn(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EarlierRunUnusable(
    `${path} is no result of a run: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}. Give its history.ndjson instead, which is judged anew.`,
  );
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a result says of its violations may be from an earlier version; the history has it all. */
async function explained(history: string, result: RunResult): Promise<RunResult> {
  const explanations = await explainFile(history, result.checkers);
  return explanations.length === 0 ? result : { ...result, explanations };
}

async function readRun(path: string, told: Told): Promise<ReadRun> {
  await using history = await readHistory(path);
  const { step, finish } = runRecorder(history.header);
  for await (const batch of history.batches) batch.forEach(step);
  return { ...finish(), told };
}

/** A history that nobody has judged, or that came from elsewhere. */
async function judged(path: string): Promise<ReadRun> {
  await using history = await readHistory(path);
  const { header } = history;
  const { step, finish } = runRecorder(header);
  const judging = startJudging(header);
  const faults: FaultOperation[] = [];
  let durationMs = 0;
  const note = (operation: Operation): void => {
    step(operation);
    judging.step(operation);
    durationMs = operation.at;
    if (operation.op === 'fault') faults.push(operation);
  };
  for await (const batch of history.batches) batch.forEach(note);
  const { checkers, ...verdict } = judging.finish({ torn: history.torn });
  const told: Told = {
    ...verdict,
    ...{ run: header.run, mode: header.mode, lane: header.lane, seed: header.seed },
    nodes: header.nodes,
    ...(header.fleet === undefined ? {} : { fleet: header.fleet }),
    ...(header.repeat === undefined ? {} : { repeat: header.repeat }),
    checkers: checkers.map((checker) => ({ ...checker, totals: { ...checker.totals } })),
    faults: faultResults(header.expect.schedule, faults),
    ...{ startedAt: header.startedAt, durationMs },
  };
  const explanations = await explainFile(path, told.checkers);
  return { ...finish(), told: { ...told, explanations } };
}
