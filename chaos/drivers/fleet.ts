import { join } from 'node:path';
import type { OperationBody } from '@understudy/history';
import { type Clock, invariant, type NewId, sleep, type Timers } from '@understudy/runtime';
import { NodeFailed } from '../errors.ts';
import type { InsideChannel, InsideProcess } from '../inside/channel.ts';
import { describeExit } from './exit.ts';
import type { NodeIncarnation } from './faulty-node.ts';
import { type NodeProcess, type NodeProcessOptions, startNodeProcess } from './node-process.ts';
import { downOperation, operationOf } from './node-operations.ts';
import type { UndoJournal } from './undo-journal.ts';

/** What it takes to run a fleet. */
export interface FleetOptions {
  /** `node-1`, `node-2`, … */
  names: readonly string[];
  /** What one incarnation of a node is started as. */
  launchOf(node: string, incarnation: string): Launch;
  /** Where the nodes' processes report. Default: nowhere, so that none is reached within. */
  inside?: InsideChannel;
  /** Where `<node>.<n>.log` is written, n counting its incarnations. */
  logDirectory: string;
  journal: UndoJournal;
  /** How long after its end a node is started again that nobody restarts. Default: never. */
  respawnAfterMs?: number | 'never';
  /** Told what the nodes say and how they end. */
  record(operation: OperationBody): void;
  /** Told what a node printed that begins as a line of the protocol and is none. */
  onMalformed?(node: string, line: string, fault: string): void;
  /** Told when something of a node is so that no operation tells. */
  nudge?(): void;
  clock: Clock;
  timers: Timers;
  newId: NewId;
}

/** What one incarnation of a node is started as. */
export type Launch = Pick<
  NodeProcessOptions,
  'command' | 'cwd' | 'environment' | 'endsWith' | 'sign'
>;

/** A named place in the fleet, and the process that holds it at present. */
export interface FleetNode {
  readonly name: string;
  /** The last incarnation; it may have ended. */
  readonly process: NodeIncarnation;
  /** Whether it runs and has said that it is ready. It may be paused all the same. */
  readonly up: boolean;
  /** The Node.js processes of the last incarnation, as far as the lab reaches them within. */
  readonly inside: readonly InsideProcess[];
  /** The same, as soon as there is one; none after `limitMs`. */
  insideWithin(limitMs: number): Promise<readonly InsideProcess[]>;
  /** Starts a new incarnation in the place of one that ended. @throws {NodeFailed} */
  restart(): Promise<NodeIncarnation>;
}

/**
 * A fleet on stage. Disposing it leaves nothing that the lab started, and nothing as a fault left
 * it.
 */
export interface Fleet extends AsyncDisposable {
  readonly nodes: readonly FleetNode[];
  /**
   * Whether it is somebody's own and runs on when the run is over, so that nobody stops it for the
   * last read.
   */
  readonly stays: boolean;
  /** Resolves when every node is ready. @throws {NodeFailed} of the first that is not */
  ready(): Promise<void>;
  /**
   * Asks every node to end, and ends those that do not within `limitMs`; returns their names. No
   * node can be started afterwards.
   */
  stop(limitMs: number): Promise<readonly string[]>;
}

/** Starts every node at once. */
export function startFleet(options: FleetOptions): Fleet {
  const closing = new AbortController();
  const nodes = options.names.map((name) => new Place(name, options, closing.signal));
  const ended = (): Promise<unknown> => Promise.all(nodes.map((node) => node.ended()));
  return {
    nodes,
    stays: false,
    async ready() {
      await Promise.all(nodes.map((node) => node.ready()));
    },
    async stop(limitMs) {
      closing.abort();
      for (const { process } of nodes) {
        process.signal('SIGTERM');
        process.signal('SIGCONT');
      }
      const stubborn: string[] = [];
      const stopOne = async ({ name, process }: Place): Promise<void> => {
        if (await process.exitWithin(limitMs)) return;
        stubborn.push(name);
        process.signal('SIGKILL');
      };
      await Promise.all(nodes.map(stopOne));
      await ended();
      return stubborn;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (const { process } of nodes) process.signal('SIGKILL');
      await ended();
    },
  };
}

class Place implements FleetNode {
  readonly name: string;
  process: NodeProcess;
  up = false;
  readonly #options: FleetOptions;
  readonly #closing: AbortSignal;
  readonly #ends: Promise<void>[] = [];
  #incarnations = 0;

  constructor(name: string, options: FleetOptions, closing: AbortSignal) {
    this.name = name;
    this.#options = options;
    this.#closing = closing;
    this.process = this.#start();
  }

  ready(): Promise<void> {
    return this.process.ready();
  }

  get inside(): readonly InsideProcess[] {
    return this.#options.inside?.processesOf(this.process.incarnation) ?? [];
  }

  async insideWithin(limitMs: number): Promise<readonly InsideProcess[]> {
    const { inside } = this.#options;
    return (await inside?.processesWithin(this.process.incarnation, limitMs)) ?? [];
  }

  async restart(): Promise<NodeProcess> {
    const { respawnAfterMs = 'never' } = this.#options;
    if (!this.process.exit && respawnAfterMs !== 'never') {
      // It has been respawned already.
      await this.process.ready();
      return this.process;
    }
    if (!this.process.exit)
      throw new NodeFailed(`${this.name} still runs and is not started again`);
    invariant(!this.#closing.aborted, 'no node is started while the fleet is being stopped');
    this.process = this.#start();
    await this.process.ready();
    return this.process;
  }

  /** Resolves when each of its processes has ended and its end was recorded. */
  async ended(): Promise<void> {
    // A node that is being respawned adds its own end while one waits.
    for (let seen = 0; seen < this.#ends.length;) {
      seen = this.#ends.length;
      await Promise.all(this.#ends);
    }
  }

  #start(): NodeProcess {
    const { launchOf, logDirectory, journal, clock, timers, newId } = this.#options;
    this.#incarnations += 1;
    const incarnation = newId();
    const launch = launchOf(this.name, incarnation);
    const process: NodeProcess = startNodeProcess({
      node: this.name,
      incarnation,
      ...launch,
      logPath: join(logDirectory, `${this.name}.${this.#incarnations}.log`),
      journal,
      onEvent: (event) => {
        const speaks = launch.sign?.alone !== true;
        if (speaks && this.process === process && !process.exit) this.up = true;
        const operation = operationOf(event, this.name, incarnation);
        if (operation) this.#options.record(operation);
      },
      onMalformed: (line, fault) => this.#options.onMalformed?.(this.name, line, fault),
      clock,
      timers,
    });
    // Whoever prints nothing shows in another way that it is ready.
    void process.showedUp.then(() => {
      if (this.process === process && !process.exit) this.up = true;
      this.#options.nudge?.();
    });
    this.#ends.push(this.#observeEnd(process));
    return process;
  }

  async #observeEnd(process: NodeProcess): Promise<void> {
    const exit = await process.exited;
    if (this.process === process) this.up = false;
    // Its last words first: what it said of itself must not come after its end.
    await process.silent;
    const evidence = `${process.who} ${describeExit(exit)}`;
    this.#options.record(downOperation(this.name, process.incarnation, evidence));
    await this.#respawn(process);
  }

  /** Starts a node again that ended by itself, unless somebody else has by then. */
  async #respawn(ended: NodeProcess): Promise<void> {
    const { respawnAfterMs = 'never', timers } = this.#options;
    if (respawnAfterMs === 'never') return;
    await sleep(timers, respawnAfterMs, this.#closing);
    if (this.process === ended && !this.#closing.aborted) this.process = this.#start();
  }
}
