import type { InsideProcess } from '../inside/channel.ts';
import type { Exit } from './exit.ts';
import type { FailpointEvent } from './protocol.ts';

/** What a fault may do to a node, and see of it; the driver gives it. */
export interface FaultyNode {
  readonly pid: number;
  /** When the process started, as the process table tells: with the pid it names one process. */
  readonly startTime: string;
  /** Sends a signal to the whole process group. Nothing happens when the process has ended. */
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Waits for the end of the process; undefined when it lives on after `limitMs`. */
  exitWithin(limitMs: number): Promise<Exit | undefined>;
  /**
   * Waits until each process of the group is stopped (or none is), as the process table says.
   * Returns the states last seen, one letter a process: `T`; `''` when there is no process left.
   */
  statesWithin(limitMs: number, stopped: boolean): Promise<string>;
  /** Its Node.js processes, reached from within; none when it runs in something else. */
  readonly inside: readonly InsideProcess[];
  /** The same, as soon as there is one; none after `limitMs`. */
  insideWithin(limitMs: number): Promise<readonly InsideProcess[]>;
  /** What the whole group has used of the processors so far, in ms, as the process table says. */
  cpuMs(): number;
  /**
   * Waits until it says that it stands at the failpoint `name`; undefined when it ends first, or
   * `signal` aborts.
   */
  untilFailpoint(name: string, signal: AbortSignal): Promise<FailpointEvent | undefined>;
  /** Starts a new incarnation and waits until it is ready. @throws {NodeFailed} */
  restart(): Promise<{ readonly pid: number; readonly incarnation: string }>;
}
