import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, invariant, messageOf, sleep, type Timers } from '@understudy/runtime';
import { NodeFailed } from '../errors.ts';
import { describeExit, type Exit } from './exit.ts';
import type { NodeIncarnation } from './faulty-node.ts';
import { type GatedProcess, startGated } from './gated-process.ts';
import { ProcessGroup } from './process-group.ts';
import { groupCpuMs } from './process-table.ts';
import { type FailpointEvent, parseProtocolLine, type ProtocolEvent } from './protocol.ts';
import type { UndoJournal } from './undo-journal.ts';

/** What it takes to start one incarnation of a node. */
export interface NodeProcessOptions {
  node: string;
  incarnation: string;
  /** Executable and arguments; no shell interprets them. */
  command: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  /** What it prints, protocol lines excepted. */
  logPath: string;
  journal: UndoJournal;
  /** Called with every protocol line. */
  onEvent(event: ProtocolEvent): void;
  clock: Clock;
  timers: Timers;
}

/** One incarnation of a node: a process and its group. */
export interface NodeProcess extends NodeIncarnation {
  readonly node: string;
  /** How it ended; undefined while it lives. */
  readonly exit: Exit | undefined;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /** Resolves when it has ended and everything it printed was read. */
  readonly silent: Promise<void>;
  /** Resolves with the first protocol line. @throws {NodeFailed} when it ends, or 10 s are over */
  ready(): Promise<void>;
}

const READY_LIMIT_MS = 10_000;
const LOG_END_CHARACTERS = 1500;
/** A process that outlives the node may hold its standard output open for ever. */
const LAST_WORDS_MS = 100;

/** Starts a node's process, its undo entry first. Whether it gets ready is asked by `ready()`. */
export function startNodeProcess(options: NodeProcessOptions): NodeProcess {
  const { node, incarnation, command, environment, logPath, journal } = options;
  const gated = startGated({
    what: `${node} ${incarnation}`,
    ...{ command, environment, logPath, journal },
    output: 'read',
    input: 'none',
    failure: (why) => new NodeFailed(`${node}: ${why}`),
  });
  return new OsProcess(options, gated);
}

class OsProcess implements NodeProcess {
  readonly node: string;
  readonly incarnation: string;
  readonly silent: Promise<void>;
  readonly #group: ProcessGroup;
  readonly #options: NodeProcessOptions;
  readonly #failpoints = new Set<(event: FailpointEvent) => void>();
  readonly #spoke = Promise.withResolvers<true>();

  constructor(options: NodeProcessOptions, { child, pid, startTime, exited }: GatedProcess) {
    this.#options = options;
    this.node = options.node;
    this.incarnation = options.incarnation;
    invariant(child.stdout, 'what a node says is read');
    const { clock, timers } = options;
    this.#group = new ProcessGroup({ pid, startTime, exited, clock, timers });
    this.silent = this.#read(child.stdout, openSync(options.logPath, 'a'));
  }

  async ready(): Promise<void> {
    const waited = new AbortController();
    const spoke = await Promise.race([
      this.#spoke.promise,
      this.silent,
      sleep(this.#options.timers, READY_LIMIT_MS, waited.signal),
    ]);
    waited.abort();
    if (spoke === true) return;
    const why = this.exit
      ? `${describeExit(this.exit)} before it was ready`
      : `printed no "@understudy {…}" line within ${READY_LIMIT_MS / 1000} s`;
    throw new NodeFailed(
      `${this.node} ${why} (${this.#options.command.join(' ')}). ${this.#endOfLog()}`,
      { context: { node: this.node, log: this.#options.logPath } },
    );
  }

  get pid(): number {
    return this.#group.pid;
  }

  get startTime(): string {
    return this.#group.startTime;
  }

  get who(): string {
    return this.#group.who;
  }

  get exit(): Exit | undefined {
    return this.#group.exit;
  }

  get exited(): Promise<Exit> {
    return this.#group.exited;
  }

  signal(name: NodeJS.Signals): void {
    this.#group.signal(name);
  }

  exitWithin(limitMs: number): Promise<Exit | undefined> {
    return this.#group.exitWithin(limitMs);
  }

  statesWithin(limitMs: number, stopped: boolean): Promise<string> {
    return this.#group.statesWithin(limitMs, stopped);
  }

  told(states: string): string {
    return this.#group.told(states);
  }

  cpuMs(): number {
    return this.exit ? 0 : groupCpuMs(this.pid);
  }

  async untilFailpoint(name: string, signal: AbortSignal): Promise<FailpointEvent | undefined> {
    const reached = Promise.withResolvers<FailpointEvent | undefined>();
    const hear = (event: FailpointEvent): void => {
      if (event.name === name) reached.resolve(event);
    };
    const giveUp = (): void => reached.resolve(undefined);
    this.#failpoints.add(hear);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const event = await Promise.race([reached.promise, this.exited.then(() => undefined)]);
    signal.removeEventListener('abort', giveUp);
    this.#failpoints.delete(hear);
    return event;
  }

  /** Reads standard output to its end; resolves some time after the process ended at the latest. */
  async #read(stdout: NodeJS.ReadableStream, log: number): Promise<void> {
    const lines = createInterface({ input: stdout });
    const ended = new Promise<void>((resolve) => lines.once('close', resolve));
    lines.on('line', (line) => {
      const event = parseProtocolLine(line);
      if (!event) return this.#keep(log, line);
      this.#spoke.resolve(true);
      if (event.event === 'failpoint') for (const hear of this.#failpoints) hear(event);
      return this.#options.onEvent(event);
    });
    await this.exited;
    const waited = new AbortController();
    await Promise.race([ended, sleep(this.#options.timers, LAST_WORDS_MS, waited.signal)]);
    waited.abort();
    lines.removeAllListeners('line');
    lines.close();
    (stdout as NodeJS.ReadableStream & { destroy(): void }).destroy();
    closeSync(log);
  }

  #keep(log: number, line: string): void {
    try {
      writeSync(log, `${line}\n`);
    } catch {
      // The disk is full: the history cannot be written either, and that ends the run.
    }
  }

  #endOfLog(): string {
    try {
      const text = readFileSync(this.#options.logPath, 'utf8').trim();
      if (text === '') return `It printed nothing else; its log is ${this.#options.logPath}.`;
      return `The end of its log (${this.#options.logPath}):\n${text.slice(-LOG_END_CHARACTERS)}`;
    } catch (error) {
      return `Its log cannot be read: ${messageOf(error)}.`;
    }
  }
}
