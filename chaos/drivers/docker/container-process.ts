import { type Clock, sleep, type Timers } from '@understudy/runtime';
import type { Exit } from '../exit.ts';
import type { FaultyProcess } from '../faulty-process.ts';
import type { ContainerFacts, ContainerState } from './container-facts.ts';
import type { ContainerHand } from './container-hand.ts';
import type { EventWatch } from './event-watch.ts';

/** What the process of a container is reached by. */
export interface ContainerProcessOptions {
  readonly hand: ContainerHand;
  /** As it is now: one start of the container. */
  readonly state: ContainerState;
  readonly events: EventWatch;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The engine is asked so often while one waits for what it has been told to do. */
const LOOK_MS = 20;

/** One start of a container, until it ends: what a fault may do to it, and the engine says of it. */
export class ContainerProcess implements FaultyProcess {
  readonly pid: number;
  readonly startTime: string;
  /** Resolves when it has ended. */
  readonly exited: Promise<Exit>;
  /** How it ended; undefined while it lives. */
  exit: Exit | undefined;
  readonly #options: ContainerProcessOptions;
  readonly #exited = Promise.withResolvers<Exit>();
  readonly #deaf: () => void;
  /** What the engine has been asked to do and has not answered. */
  #asked: Promise<unknown> = Promise.resolve();
  #refusal = '';

  constructor(options: ContainerProcessOptions) {
    this.#options = options;
    this.pid = options.state.pid;
    this.startTime = options.state.startedAt;
    this.exited = this.#exited.promise;
    this.#deaf = options.events.on(options.hand.id, ({ action }) => {
      if (action === 'die') void this.#look().catch(() => undefined);
    });
  }

  get who(): string {
    return this.#options.hand.who;
  }

  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.exit) return;
    this.#refusal = '';
    // The request leaves at once; what the engine answers is waited for where evidence is.
    this.#asked = this.#act(name).catch((error: unknown) => {
      this.#refusal = `; ${error instanceof Error ? error.message : String(error)}`;
    });
  }

  async exitWithin(limitMs: number): Promise<Exit | undefined> {
    await this.#until(limitMs, (state) => this.exit !== undefined || !this.#isOurs(state));
    return this.exit;
  }

  async statesWithin(limitMs: number, stopped: boolean): Promise<string> {
    const letter = (state: ContainerState): string => {
      if (!this.#isOurs(state)) return '';
      return state.paused ? 'T' : 'R';
    };
    const last = await this.#until(limitMs, (state) =>
      stopped ? letter(state) !== 'R' : letter(state) !== 'T',
    );
    return letter(last);
  }

  told(states: string): string {
    const { hand, events } = this.#options;
    const engine = (action: string): string => events.told(hand.id, action);
    if (states === '') return `${this.who} does not run any more${this.#refusal}`;
    const paused = states === 'T';
    const seen = this.#refusal || `, ${paused ? engine('pause') : engine('unpause')}`;
    return `${this.who}: the engine says State.Paused ${paused}${seen}`;
  }

  /** Listens no more to what the engine says. */
  [Symbol.dispose](): void {
    this.#deaf();
  }

  #act(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const { hand } = this.#options;
    switch (name) {
      case 'SIGKILL':
      case 'SIGTERM':
        return hand.kill(name);
      case 'SIGSTOP':
        return hand.pause();
      case 'SIGCONT':
        return hand.unpause();
    }
  }

  /** Whether it still is this start of the container that runs. */
  #isOurs({ running, startedAt }: ContainerState): boolean {
    return running && startedAt === this.startTime;
  }

  async #look(): Promise<ContainerFacts> {
    const facts = await this.#options.hand.inspect();
    if (!this.exit && !this.#isOurs(facts.state)) {
      this.exit = this.#exitOf(facts.state);
      this.#deaf();
      this.#exited.resolve(this.exit);
    }
    return facts;
  }

  async #until(
    limitMs: number,
    reached: (state: ContainerState) => boolean,
  ): Promise<ContainerState> {
    const { clock, timers } = this.#options;
    const deadlineMs = clock.monotonicMs() + limitMs;
    const answered = new AbortController();
    await Promise.race([this.#asked, sleep(timers, limitMs, answered.signal)]);
    answered.abort();
    for (;;) {
      const { state } = await this.#look();
      if (reached(state) || clock.monotonicMs() >= deadlineMs) return state;
      await sleep(timers, LOOK_MS);
    }
  }

  #exitOf(state: ContainerState): Exit {
    const { hand, events } = this.#options;
    if (state.startedAt !== this.startTime) {
      return { code: null, signal: null, told: 'was started anew by somebody else' };
    }
    const { exitCode, status, oomKilled, finishedAt } = state;
    const seen = ['kill', 'die'].map((action) => events.told(hand.id, action)).join(', ');
    const memory = oomKilled ? ', out of memory' : '';
    const told = `is ${status} with exit code ${exitCode}${memory} since ${finishedAt}, the engine says; ${seen}`;
    const ended = SIGNALS[exitCode];
    return ended && !oomKilled
      ? { code: null, signal: ended, told }
      : { code: exitCode, signal: null, told };
  }
}

/** As shells and engines number the end by a signal: 128 and the signal. */
const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 137: 'SIGKILL', 143: 'SIGTERM' };
