import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modeSchema } from '@understudy/history';
import { messageOf } from '@understudy/runtime';
import { z } from 'zod';
import { startTimeOf } from '../drivers/process-table.ts';
import { RunDirectoryUnusable } from '../errors.ts';
import type { RunResult } from '../report/result.ts';

/** The form of `lab.json`: who makes the run, and how far it came. */
export const labFileSchema = z.object({
  run: z.string(),
  /** The lab's own process. */
  pid: z.number().int().positive(),
  startTime: z.string(),
  /**
   * `kept`: it is judged, and its servers are kept for somebody to look at; `failed`: the run could
   * not be made; the error was reported.
   */
  status: z.enum(['running', 'kept', 'done', 'interrupted', 'failed']),
  error: z.string().optional(),
  /** What a result must say even when the lab does not live to say it. */
  experiment: z.string(),
  mode: modeSchema,
  lane: z.enum(['bullmq', 'stream', 'system']).optional(),
  seed: z.number().int(),
  nodes: z.array(z.string()).readonly(),
  jobs: z.number().int(),
  startedAt: z.string(),
  /** The containers that it is made on, where they are somebody's own. */
  fleet: z.object({ project: z.string(), group: z.string() }).optional(),
  /** It is no run, but one fault by hand outside of any. */
  byHand: z.boolean().optional(),
  versions: z.record(z.string(), z.string()),
});

/** What `lab.json` holds. */
export type LabFile = z.infer<typeof labFileSchema>;

/** Files of a run directory. */
export const RUN_FILES = {
  lab: 'lab.json',
  schedule: 'schedule.json',
  history: 'history.ndjson',
  result: 'result.json',
  logs: 'logs',
  /** The socket at which a run that goes on takes faults by hand. */
  hand: 'hand.sock',
} as const;

/** Where the runs of a root are kept. */
export function runsDirectory(root: string): string {
  return join(root, '.understudy', 'runs');
}

/**
 * Makes the directory of a run and writes `lab.json`, so that the run is found if this process
 * dies from now on.
 * @throws {RunDirectoryUnusable}
 */
export function makeRunDirectory(
  root: string,
  lab: Omit<LabFile, 'pid' | 'startTime' | 'status'>,
): string {
  const directory = join(runsDirectory(root), lab.run);
  return inRunDirectory(directory, () => {
    mkdirSync(join(directory, RUN_FILES.logs), { recursive: true });
    const startTime = startTimeOf(process.pid) ?? '';
    writeLabFile(directory, { ...lab, pid: process.pid, startTime, status: 'running' });
    return directory;
  });
}

/** Whether processes of a run may exist as far as its `lab.json` says. */
export function isOpen({ status }: LabFile): boolean {
  return status === 'running' || status === 'kept';
}

/** Writes `lab.json` as a whole or not at all. Throws the system's error. */
export function writeLabFile(directory: string, lab: LabFile): void {
  writeWhole(join(directory, RUN_FILES.lab), lab);
}

/** What `lab.json` says; undefined when there is none, or it is not of the form. */
export function readLabFile(directory: string): LabFile | undefined {
  try {
    const text = readFileSync(join(directory, RUN_FILES.lab), 'utf8');
    return labFileSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Notes how the run ended. Throws the system's error. */
export function closeLabFile(
  directory: string,
  status: Exclude<LabFile['status'], 'running'>,
  error?: unknown,
): void {
  const lab = readLabFile(directory);
  if (!lab) return;
  const why = error === undefined ? {} : { error: messageOf(error) };
  writeLabFile(directory, { ...lab, status, ...why });
}

/** Writes `result.json` as a whole or not at all. Throws the system's error. */
export function writeResult(directory: string, result: RunResult): void {
  writeWhole(join(directory, RUN_FILES.result), result);
}

/** Runs what touches the directory. @throws {RunDirectoryUnusable} instead of the system's error */
export function inRunDirectory<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new RunDirectoryUnusable(
      `the run directory ${directory} cannot be written: ${messageOf(error)}. Look at its permissions and at the free space.`,
      { cause: error },
    );
  }
}

function writeWhole(path: string, value: unknown): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.part`, path);
}

/** The same for a run that could not be made, whose directory may be the reason. Never throws. */
export function closeAsFailed(directory: string, error: unknown): void {
  try {
    closeLabFile(directory, 'failed', error);
  } catch {
    // The directory cannot be written any more; the error itself is thrown, and says more.
  }
}
