import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Clock,
  messageOf,
  sleep,
  systemClock,
  systemTimers,
  type Timers,
} from '@understudy/runtime';
import {
  groupMembers,
  type GroupMember,
  startedWith,
  startTimeOf,
} from '../drivers/process-table.ts';
import type { Engine } from '../drivers/docker/engine.ts';
import { UNDO_FILE, type UndoEntry, undoEntrySchema } from '../drivers/undo-journal.ts';
import { healContainers, notTakenBack } from './heal-containers.ts';
import {
  closeLabFile,
  isOpen,
  type LabFile,
  readLabFile,
  RUN_FILES,
  runsDirectory,
  writeResult,
} from './run-directory.ts';

/** A run whose lab had died, and what was ended of it. */
export interface ReapedRun {
  readonly run: string;
  readonly directory: string;
  /** `node-2 x7Fq…, pid 4711`, for people. */
  readonly ended: readonly string[];
  /** What may be of the run and cannot be told from a stranger's, so that it was not touched. */
  readonly leftAlone: readonly string[];
  /** Containers that were made as they were: `unpause passive-2 (container 3f2a4b5c6d7e)`. */
  readonly healed: readonly string[];
  /** Why it could not be marked as interrupted: it belongs to another user, say. */
  readonly trouble?: string;
}

const GONE_LIMIT_MS = 3000;

/**
 * Finds runs whose lab is dead and ends exactly the processes that their undo journals name, by
 * pid *and* start time, with their groups, paused ones too. Of a group whose leader is gone it ends
 * those that carry the run in their environment: strays of a node, whatever became of it. Containers that a
 * fault had in its hands are made as they were. Marks those runs interrupted and removes their Redis data. Runs of a lab that lives are left alone.
 * @param root the directory that holds `.understudy`
 */
export async function reapAbandonedRuns(
  root: string,
  {
    clock = systemClock,
    timers = systemTimers,
    engine = findEngine,
  }: { clock?: Clock; timers?: Timers; engine?: () => Promise<Engine> } = {},
): Promise<readonly ReapedRun[]> {
  const reaped: ReapedRun[] = [];
  for (const name of runNames(root)) {
    const directory = join(runsDirectory(root), name);
    const lab = readLabFile(directory);
    if (!lab || !isOpen(lab) || startTimeOf(lab.pid) === lab.startTime) continue;
    const entries = entriesOf(directory);
    const found = entries
      .filter((entry) => entry.kind === 'process')
      .map((entry) => endGroup(entry, lab.run));
    const ended = found.flatMap((group) => group.ended);
    await gone(ended, clock, timers);
    const { healed, trouble } = await healContainers(notTakenBack(entries), engine);
    reaped.push({
      run: lab.run,
      directory,
      ended: ended.map(told),
      leftAlone: found.flatMap((group) => group.leftAlone).map(told),
      healed,
      // With containers out of order the run stays open, so that the next start tries again.
      ...(trouble.length > 0 ? { trouble: trouble.join('; ') } : markInterrupted(directory, lab)),
    });
  }
  return reaped;
}

/** Notes how the run ended. A run of another user must not keep this one from its own. */
function markInterrupted(directory: string, lab: LabFile): { trouble?: string } {
  try {
    rmSync(join(directory, 'redis'), { recursive: true, force: true });
    // A run whose servers were only kept for a look has its result.
    if (lab.status === 'kept') closeLabFile(directory, 'done');
    else {
      writeResult(directory, interruptedResult(directory, lab));
      closeLabFile(directory, 'interrupted');
    }
    return {};
  } catch (error) {
    return { trouble: messageOf(error) };
  }
}

function runNames(root: string): readonly string[] {
  try {
    return readdirSync(runsDirectory(root));
  } catch {
    return [];
  }
}

/** Docker's client is loaded when there is a container to be healed. */
async function findEngine(): Promise<Engine> {
  const { openEngine } = await import('../drivers/docker/docker-engine.ts');
  return openEngine();
}

/** The entries of a journal; a line that was being written when the lab died is left out. */
function entriesOf(directory: string): readonly UndoEntry[] {
  let text: string;
  try {
    text = readFileSync(join(directory, UNDO_FILE), 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      const entry = undoEntrySchema.safeParse(JSON.parse(line));
      return entry.success ? [entry.data] : [];
    } catch {
      return [];
    }
  });
}

/** A process that was found, and what it is to the run. */
interface Found extends GroupMember {
  readonly what: string;
}

/** Ends the group of a process if it still is that process, else what that process left in it. */
function endGroup(
  { what, pid, startTime }: Extract<UndoEntry, { kind: 'process' }>,
  run: string,
): { ended: readonly Found[]; leftAlone: readonly Found[] } {
  if (startTimeOf(pid) === startTime) {
    signal(-pid, 'SIGCONT');
    return { ended: signal(-pid, 'SIGKILL') ? [{ what, pid, startTime }] : [], leftAlone: [] };
  }
  // As long as a group has members its number is given to no new process; but it may have ended
  // altogether, and another have taken the number since.
  const strays = groupMembers(pid)
    .filter((member) => member.pid !== pid)
    .map((member) => ({ ...member, what: `a child of ${what}` }));
  const own = strays.filter((stray) => startedWith(stray.pid, `UNDERSTUDY_GROUP=${run}`));
  return {
    ended: own.filter((stray) => signal(stray.pid, 'SIGKILL')),
    leftAlone: strays.filter((stray) => !own.includes(stray)),
  };
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function told({ what, pid }: Found): string {
  return `${what}, pid ${pid}`;
}

async function gone(ended: readonly Found[], clock: Clock, timers: Timers): Promise<void> {
  const deadlineMs = clock.monotonicMs() + GONE_LIMIT_MS;
  while (
    ended.some(({ pid, startTime }) => startTimeOf(pid) === startTime) &&
    clock.monotonicMs() < deadlineMs
  ) {
    await sleep(timers, 10);
  }
}

function interruptedResult(directory: string, lab: LabFile): Parameters<typeof writeResult>[1] {
  const { run, experiment, mode, lane = 'bullmq', seed, nodes, jobs, startedAt, versions } = lab;
  return {
    schemaVersion: 1,
    run,
    directory,
    experiment,
    status: 'interrupted',
    reason: 'the lab ended before the run did; what it left was ended at the next start',
    mode,
    lane,
    seed,
    nodes,
    jobs,
    checkers: [],
    counts: null,
    takeovers: [],
    faults: [],
    startedAt,
    durationMs: lastMoment(directory),
    versions,
  };
}

/** The time of the last whole line of the history, in ms since the run began. */
function lastMoment(directory: string): number {
  try {
    const lines = readFileSync(join(directory, RUN_FILES.history), 'utf8').split('\n');
    const { at } = JSON.parse(lines.at(-2) ?? '') as { at?: unknown };
    return typeof at === 'number' ? at : 0;
  } catch {
    return 0;
  }
}
