import { type Clock, sleep, type Timers } from '@understudy/runtime';
import type { Exit } from './exit.ts';
import type { FaultyProcess } from './faulty-process.ts';
import { groupStates } from './process-table.ts';

/** A process that leads a group of its own, and what is to be known of it. */
export interface ProcessGroupOptions {
  readonly pid: number;
  /** As the process table has it: pid and start time together are one process for good. */
  readonly startTime: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /**
   * When the group counts as ended: with its leader, whatever the others do (they are killed then), or
   * with the last of them, as a shell or npm may go before the worker that it started. Default: with
   * its leader.
   */
  readonly endsWith?: 'leader' | 'last' | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** How often the process table is asked who is left of a group whose leader has ended. */
const LOOK_MS = 10;

/** A process the lab started, with its group: what a fault may do to it, and see of it. */
export class ProcessGroup implements FaultyProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly exited: Promise<Exit>;
  /** How it ended; undefined while it lives. */
  exit: Exit | undefined;
  readonly #clock: Clock;
  readonly #timers: Timers;

  constructor({ pid, startTime, exited, endsWith, clock, timers }: ProcessGroupOptions) {
    this.pid = pid;
    this.startTime = startTime;
    this.#clock = clock;
    this.#timers = timers;
    this.exited = exited.then(async (exit) => {
      // While one of them lives the number of the group is nobody else's.
      while (endsWith === 'last' && groupStates(pid) !== '') await sleep(timers, LOOK_MS);
      this.exit = exit;
      // What it started in its group has no business without it.
      this.#send('SIGKILL');
      return exit;
    });
  }

  get who(): string {
    return `pid ${this.pid}`;
  }

  told(states: string): string {
    if (states === '') return `${this.who} is not in the process table`;
    return `${this.who} is in state ${[...states].join(', ')} in the process table`;
  }

  /** Sends a signal to the whole group. Nothing happens when the process has ended. */
  signal(name: NodeJS.Signals): void {
    // After its end the pid may belong to somebody else.
    if (!this.exit) this.#send(name);
  }

  /** Waits for the end of the process; undefined when it lives on after `limitMs`. */
  async exitWithin(limitMs: number): Promise<Exit | undefined> {
    const waited = new AbortController();
    await Promise.race([this.exited, sleep(this.#timers, limitMs, waited.signal)]);
    waited.abort();
    return this.exit;
  }

  /**
   * Waits until each process of the group is stopped (or none is), as the process table says.
   * Returns the states last seen, one letter a process: `T`; `''` when there is no process left.
   */
  async statesWithin(limitMs: number, stopped: boolean): Promise<string> {
    const deadlineMs = this.#clock.monotonicMs() + limitMs;
    for (;;) {
      const states = this.exit ? '' : groupStates(this.pid);
      const reached = stopped ? /^T*$/.test(states) : !states.includes('T');
      if (reached || this.#clock.monotonicMs() >= deadlineMs) return states;
      await sleep(this.#timers, 2);
    }
  }

  #send(name: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // ESRCH: nobody is left in the group.
    }
  }
}
