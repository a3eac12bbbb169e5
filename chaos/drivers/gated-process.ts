import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Exit } from './exit.ts';
import { startTimeOf } from './process-table.ts';
import type { UndoJournal } from './undo-journal.ts';

/** A process that the lab is to start for a run. */
export interface GatedOptions {
  /** Who it is, for people who read the undo journal: `node-2 x7Fq…`. */
  readonly what: string;
  /** Executable and arguments; no shell interprets them. */
  readonly command: readonly string[];
  /** Where it is started. Default: where the lab was. */
  readonly cwd?: string | undefined;
  /** Default: that of the lab. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where its standard error goes, and its standard output unless that is read by the lab. */
  readonly logPath: string;
  readonly output: 'log' | 'read';
  /** Whether it takes orders on its standard input, or finds it empty. */
  readonly input: 'none' | 'orders';
  readonly journal: Pick<UndoJournal, 'note'>;
  /** The error to throw when it could not be started; it is told why. */
  failure(why: string): Error;
}

/** A process that was let through the gate. It leads a group of its own. */
export interface GatedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** As the process table has it: pid and start time together are one process for good. */
  readonly startTime: string;
  readonly exited: Promise<Exit>;
}

/**
 * The process waits behind this gate, in its own group, until its entry in the undo journal is on
 * disk. If the lab dies first, `read` meets the end of the pipe and nothing was started. `exec` keeps
 * pid and start time.
 */
const GATE = 'read -r go && exec "$@"';
const WITHOUT_INPUT = `${GATE} </dev/null`;

/**
 * Starts a process, its undo entry first.
 * @throws {RunDirectoryUnusable} when the journal cannot be written: what waits at the gate is ended
 */
export function startGated(options: GatedOptions): GatedProcess {
  const { what, command, cwd, input, journal, failure } = options;
  const child = spawned(options);
  // A process that cannot be started has no pid; what it says besides shows in its exit.
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  const { pid } = child;
  const startTime = pid === undefined ? undefined : startTimeOf(pid);
  if (pid === undefined || startTime === undefined) {
    const where = cwd === undefined ? 'here' : `in ${cwd}`;
    throw failure(`${command[0]} could not be started: /bin/sh does not run ${where}`);
  }
  const exited = new Promise<Exit>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  try {
    journal.note({ kind: 'process', what, pid, startTime, undo: 'SIGKILL to the group' });
  } catch (error) {
    child.kill('SIGKILL');
    for (const stream of [child.stdin, child.stdout]) stream?.destroy();
    throw error;
  }
  if (input === 'orders') child.stdin?.write('go\n');
  else child.stdin?.end('go\n');
  return { child, pid, startTime, exited };
}

function spawned({
  command,
  cwd,
  environment,
  logPath,
  output,
  input,
}: GatedOptions): ChildProcess {
  const log = openSync(logPath, 'a');
  try {
    const gate = input === 'orders' ? GATE : WITHOUT_INPUT;
    return spawn('/bin/sh', ['-c', gate, 'understudy-gate', ...command], {
      detached: true,
      stdio: ['pipe', output === 'read' ? 'pipe' : log, log],
      cwd,
      ...(environment === undefined ? {} : { env: { ...environment } }),
    });
  } finally {
    closeSync(log);
  }
}
