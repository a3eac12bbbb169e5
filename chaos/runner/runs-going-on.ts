import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTimeOf } from '../drivers/process-table.ts';
import { type LabFile, readLabFile, runsDirectory } from './run-directory.ts';

/** A run whose lab lives and is at it. */
export interface RunGoingOn {
  readonly run: string;
  readonly directory: string;
  readonly lab: LabFile;
}

/**
 * The runs that go on at this moment, the oldest first: those whose lab file says so, and whose lab is
 * the process that it names.
 * @param root the directory that holds `.understudy`
 */
export function runsGoingOn(root: string): readonly RunGoingOn[] {
  return names(root).flatMap((name): RunGoingOn[] => {
    const directory = join(runsDirectory(root), name);
    const lab = readLabFile(directory);
    if (lab?.status !== 'running' || lab.byHand === true) return [];
    if (startTimeOf(lab.pid) !== lab.startTime) return [];
    return [{ run: lab.run, directory, lab }];
  });
}

function names(root: string): readonly string[] {
  try {
    return readdirSync(runsDirectory(root)).sort();
  } catch {
    return [];
  }
}
