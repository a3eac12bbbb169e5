import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, invariant, messageOf, sleep, type Timers } from '@understudy/runtime';
import { NodeFailed } from '../errors.ts';
import { describeExit, type Exit } from './exit.ts';
import type { NodeIncarnation } from './faulty-node.ts';
import { type GatedProcess, startGated } from './gated-process.ts';
import { ProcessGroup } from './process-group.ts';
import { groupCpuMs } from './process-table.ts';
import {
  faultOfLine,
  type FailpointEvent,
  parseProtocolLine,
  type ProtocolEvent,
} from './protocol.ts';
import type { UndoJournal } from './undo-journal.ts';

/** What it takes to start one incarnation of a node. */
export interface NodeProcessOptions {
  node: string;
  incarnation: string;
  /** Executable and arguments; no shell interprets them. */
  command: readonly string[];
  /** Where it is started. Default: where the lab was. */
  cwd?: string | undefined;
  /** When it counts as ended; see `ProcessGroup`. */
  endsWith?: 'leader' | 'last' | undefined;
  /** What shows that it is ready, other than what it prints. Default: nothing does. */
  sign?: SignOfLife | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** What it prints, protocol lines excepted. */
  logPath: string;
  journal: UndoJournal;
  /** Called with every protocol line. */
  onEvent(event: ProtocolEvent): void;
  /** Called with every line that begins as one of the protocol and is none, and what is wrong. */
  onMalformed?(line: string, fault: string): void;
  clock: Clock;
  timers: Timers;
}

/** What shows from outside that a node is ready. */
export interface SignOfLife {
  /** Resolves when it is seen; it may never be. */
  readonly seen: Promise<void>;
  /** What is missing when it was not: `sent no command to Redis`. */
  readonly missing: string;
  /** What to do then. */
  readonly advice: string;
  /** Whether it alone counts, and what the node prints does not. */
  readonly alone?: boolean;
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
  /** Resolves with the first sign that it is ready; it may never do. */
  readonly showedUp: Promise<unknown>;
  /**
   * Resolves with the first sign that it is ready: a protocol line, or what else counts.
   * @throws {NodeFailed} when it ends, or 10 s are over
   */
  ready(): Promise<void>;
}

const READY_LIMIT_MS = 10_000;
const LOG_END_CHARACTERS = 1500;
const LONGEST_SHOWN = 200;
/** A process that outlives the node may hold its standard output open for ever. */
const LAST_WORDS_MS = 100;

/** Starts a node's process, its undo entry first. Whether it gets ready is asked by `ready()`. */
export function startNodeProcess(options: NodeProcessOptions): NodeProcess {
  const { node, incarnation, command, cwd, environment, logPath, journal } = options;
  const gated = startGated({
    what: `${node} ${incarnation}`,
    ...{ command, cwd, environment, logPath, journal },
    output: 'read',
    input: 'none',
    failure: (why) => new NodeFailed(`${node}: ${why}`),
  });
  return new OsProcess(options, gated);
}

/** What a shell says by its exit code of a command that it could not start. */
function adviceOn({ code }: Exit): string {
  if (code === 127) return ': there is no such command. Look at its name, PATH and the directory';
  if (code === 126) return ': the command is there and cannot be executed. Look at its permissions';
  return '';
}

class OsProcess implements NodeProcess {
  readonly node: string;
  readonly incarnation: string;
  readonly silent: Promise<void>;
  readonly #group: ProcessGroup;
  readonly #options: NodeProcessOptions;
  readonly #failpoints = new Set<(event: FailpointEvent) => void>();
  readonly #spoke = Promise.withResolvers<true>();
  #malformed: { readonly first: string; readonly fault: string; lines: number } | undefined;

  constructor(options: NodeProcessOptions, { child, pid, startTime, exited }: GatedProcess) {
    this.#options = options;
    this.node = options.node;
    this.incarnation = options.incarnation;
    invariant(child.stdout, 'what a node says is read');
    const { endsWith, sign, clock, timers } = options;
    this.#group = new ProcessGroup({ pid, startTime, exited, endsWith, clock, timers });
    void sign?.seen.then(() => this.#spoke.resolve(true));
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
    throw new NodeFailed(
      `${this.node} ${this.#whyNotReady()} (${this.#options.command.join(' ')}). ${this.#endOfLog()}`,
      { context: { node: this.node, log: this.#options.logPath } },
    );
  }

  get showedUp(): Promise<unknown> {
    return this.#spoke.promise;
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
      if (!this.#options.sign?.alone) this.#spoke.resolve(true);
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

  #whyNotReady(): string {
    const { sign } = this.#options;
    const broken = this.#malformed;
    const malformed =
      broken &&
      `; it printed ${broken.lines} that begin with @understudy and are not of the form, the first: ${broken.first} (${broken.fault})`;
    if (this.exit) {
      return `${describeExit(this.exit)} before it was ready${adviceOn(this.exit)}${malformed ?? ''}`;
    }
    const printed = sign?.alone ? [] : ['printed no "@understudy {…}" line'];
    const missing = [...printed, ...(sign ? [sign.missing] : [])].join(' and ');
    const advice = sign ? `. ${sign.advice}` : '';
    return `${missing} within ${READY_LIMIT_MS / 1000} s${malformed ?? ''}${advice}`;
  }

  #keep(log: number, line: string): void {
    const fault = faultOfLine(line);
    if (fault !== undefined) {
      this.#malformed ??= { first: line.slice(0, LONGEST_SHOWN), fault, lines: 0 };
      this.#malformed.lines += 1;
      this.#options.onMalformed?.(line.slice(0, LONGEST_SHOWN), fault);
    }
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
