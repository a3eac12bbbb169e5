import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import process from 'node:process';

/** Processes of the bench that live. When it ends, however it ends by itself, they end with it. */
const living = new Set<ChildProcess>();

/** Has a process end with the bench. One that leads a process group is ended with its group. */
export function endWithBench(child: ChildProcess): void {
  living.add(child);
  child.once('exit', () => living.delete(child));
}

/** Starts a process that ends with the bench. */
export function startChild(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(program, args, options);
  endWithBench(child);
  return child;
}

/** Ends what is left, at once: for the end of the bench's own process. */
export function endChildren(): void {
  for (const child of living) {
    if (child.pid === undefined) continue;
    try {
      process.kill(leadsGroup(child) ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has ended in this moment.
    }
  }
}

function leadsGroup({ pid }: ChildProcess): boolean {
  try {
    process.kill(-(pid ?? Number.NaN), 0);
    return true;
  } catch {
    return false;
  }
}
