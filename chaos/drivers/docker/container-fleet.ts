import { join } from 'node:path';
import type { OperationBody } from '@understudy/history';
import { type Clock, sleep, type Timers } from '@understudy/runtime';
import { ComposeProjectUnfit, NodeFailed } from '../../errors.ts';
import { describeExit } from '../exit.ts';
import type { Fleet, FleetNode } from '../fleet.ts';
import { downOperation, operationOf } from '../node-operations.ts';
import type { ProtocolEvent } from '../protocol.ts';
import type { ContainerState } from './container-facts.ts';
import type { ContainerHand } from './container-hand.ts';
import { followLog, lastStateIn } from './container-log.ts';
import type { Engine } from './engine.ts';
import type { EventWatch } from './event-watch.ts';
import { NodeContainer } from './node-container.ts';

/** What it takes to attach to a fleet in containers. */
export interface ContainerFleetOptions {
  readonly engine: Engine;
  /** The nodes, by name, with the hands that may touch their containers. */
  readonly nodes: readonly { readonly name: string; readonly hand: ContainerHand }[];
  readonly events: EventWatch;
  /** Where `<node>.<n>.log` is written, n counting the starts that the lab sees. */
  readonly logDirectory: string;
  /** Whether a job is one of the lab's own: what nodes say of others is left out. */
  isOwn(job: string): boolean;
  record(operation: OperationBody): void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** An image that starts for the first time reads all of it from the disk. */
const READY_LIMIT_MS = 30_000;

/**
 * Attaches to a fleet that runs in containers. It goes on when the run is over: disposing takes back
 * what faults have done to it, and stops nothing.
 * @throws {ComposeProjectUnfit} when a node's log does not say what state it is in
 */
export async function attachFleet(options: ContainerFleetOptions): Promise<Fleet> {
  const nodes = options.nodes.map(({ name, hand }) => new Place(name, hand, options));
  const fleet: Fleet = {
    nodes,
    stays: true,
    async ready() {
      await Promise.all(nodes.map((node) => node.ready()));
    },
    stop: () => Promise.resolve([]),
    async [Symbol.asyncDispose]() {
      for (const node of nodes) node.leave();
      const trouble = await Promise.all(nodes.map(({ hand }) => hand.restore()));
      if (trouble.flat().length === 0) return;
      throw new NodeFailed(
        `what faults have done could not be taken back: ${trouble.flat().join('; ')}. \`understudy doctor --heal\` tries again.`,
      );
    },
  };
  try {
    await Promise.all(nodes.map((node) => node.attach()));
    return fleet;
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
}

class Place implements FleetNode {
  readonly name: string;
  readonly hand: ContainerHand;
  readonly inside = [];
  up = false;
  process!: NodeContainer;
  readonly #options: ContainerFleetOptions;
  readonly #closing = new AbortController();
  readonly #listening: Disposable[] = [];
  #starts = 0;

  constructor(name: string, hand: ContainerHand, options: ContainerFleetOptions) {
    this.name = name;
    this.hand = hand;
    this.#options = options;
  }

  /** Takes up what runs already: what it says from now on, and what it last said of its state. */
  async attach(): Promise<void> {
    const { engine, events } = this.#options;
    const container = await this.hand.inspect();
    const said: ProtocolEvent[] = [];
    let known = false;
    const first = Promise.withResolvers<void>();
    const process = this.#begin(container.state);
    // Followed first and looked back afterwards: what is said in between is in both, and not lost.
    await this.#follow(process, undefined, (event) => {
      if (event.event === 'state') first.resolve();
      if (known) this.#hear(event, process);
      else said.push(event);
    });
    const before = await lastStateIn(engine, container);
    // A container that was started a moment ago has said nothing yet.
    if (!before) await this.#within(first.promise);
    const now = said.some(({ event }) => event === 'state');
    if (!before && !now) {
      throw new ComposeProjectUnfit(
        `the log of ${this.name} (container ${this.hand.id.slice(0, 12)}) does not say, or no longer says, which state it is in. Start it anew: \`docker restart ${this.hand.id.slice(0, 12)}\`.`,
      );
    }
    if (before && !now) this.#hear(before, process);
    known = true;
    for (const event of said) this.#hear(event, process);
    const deaf = events.on(this.hand.id, ({ action }) => {
      if (action === 'start') void this.#adoptNew().catch(() => undefined);
    });
    this.#listening.push({ [Symbol.dispose]: deaf });
  }

  /** Waits for what a node does when it starts, and not for ever. */
  async #within(promised: Promise<void>): Promise<void> {
    const waited = new AbortController();
    await Promise.race([promised, sleep(this.#options.timers, READY_LIMIT_MS, waited.signal)]);
    waited.abort();
  }

  /** Listens to the node no more. */
  leave(): void {
    this.#closing.abort();
    for (const each of this.#listening.splice(0)) each[Symbol.dispose]();
    this.process?.[Symbol.dispose]();
  }

  async ready(): Promise<void> {
    const { process } = this;
    const waited = new AbortController();
    const spoke = await Promise.race([
      process.spoke,
      process.exited,
      sleep(this.#options.timers, READY_LIMIT_MS, waited.signal),
    ]);
    waited.abort();
    if (spoke === true) return;
    const why = process.exit
      ? `${describeExit(process.exit)} before it was ready`
      : `printed no "@understudy {…}" line within ${READY_LIMIT_MS / 1000} s`;
    throw new NodeFailed(
      `${this.name} (${process.who}) ${why}. Its log: docker logs ${this.hand.id.slice(0, 12)}`,
      { context: { node: this.name } },
    );
  }

  insideWithin(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  async restart(): Promise<NodeContainer> {
    if (!this.process.exit) {
      throw new NodeFailed(
        `${this.name} (${this.process.who}) still runs and is not started again`,
      );
    }
    await this.hand.start();
    await this.#adoptNew();
    await this.ready();
    return this.process;
  }

  /** Takes up a start of the container that it has not seen yet, whoever has started it. */
  async #adoptNew(): Promise<void> {
    const { state } = await this.hand.inspect();
    const known = state.startedAt === this.process.startTime;
    if (known || !state.running || this.#closing.signal.aborted) return;
    // Its end is known by the engine's events, which may be behind.
    await this.process.exitWithin(READY_LIMIT_MS);
    if (state.startedAt === this.process.startTime) return;
    const process = this.#begin(state);
    await this.#follow(process, state.startedAt, (event) => this.#hear(event, process));
  }

  #begin(state: ContainerState): NodeContainer {
    const { events, clock, timers } = this.#options;
    const process = new NodeContainer({ hand: this.hand, state, events, clock, timers });
    this.process = process;
    this.#starts += 1;
    void this.#observeEnd(process);
    return process;
  }

  async #follow(
    process: NodeContainer,
    since: string | undefined,
    onEvent: (event: ProtocolEvent) => void,
  ): Promise<void> {
    const { engine, logDirectory } = this.#options;
    const path = join(logDirectory, `${this.name}.${this.#starts}.log`);
    const { id, tty } = await this.hand.inspect();
    const log = await followLog(engine, { id, tty }, since, path, onEvent);
    if (this.#closing.signal.aborted || this.process !== process) log[Symbol.dispose]();
    else this.#listening.push(log);
  }

  async #observeEnd(process: NodeContainer): Promise<void> {
    const exit = await process.exited;
    if (this.process === process) this.up = false;
    if (this.#closing.signal.aborted) return;
    const evidence = `${process.who} ${describeExit(exit)}`;
    this.#options.record(downOperation(this.name, process.incarnation, evidence));
  }

  #hear(event: ProtocolEvent, process: NodeContainer): void {
    process.hear('incarnation' in event ? event.incarnation : undefined);
    if (this.process === process && !process.exit) this.up = true;
    const { isOwn, record } = this.#options;
    if ('job' in event && event.job !== undefined && !isOwn(event.job)) return;
    const operation = operationOf(event, this.name, process.incarnation);
    if (operation) record(operation);
  }
}
