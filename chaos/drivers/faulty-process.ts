import type { Exit } from './exit.ts';

/**
 * A process that a fault may hit, wherever it runs: one that the lab started, or that of a
 * container. The driver gives it.
 */
export interface FaultyProcess {
  /** As the machine that runs it counts. */
  readonly pid: number;
  /** When it started: with the pid it names one process for good. */
  readonly startTime: string;
  /** Who it is, for evidence: `pid 4711`. */
  readonly who: string;
  /** Sends a signal to all of it. Nothing happens when it has ended. */
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Waits for its end; undefined when it lives on after `limitMs`. */
  exitWithin(limitMs: number): Promise<Exit | undefined>;
  /**
   * Waits until all of it is stopped (or none is), as seen from outside. Returns the states last
   * seen, one letter a process: `T`; `''` when there is none left.
   */
  statesWithin(limitMs: number, stopped: boolean): Promise<string>;
  /** Such states in words, with who saw them: `pid 4711 is in state T in the process table`. */
  told(states: string): string;
}
