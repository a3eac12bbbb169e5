import { messageOf, sleep, type Timers } from '@understudy/runtime';
import { NotOfTheProject } from '../../errors.ts';
import type { UndoJournal } from '../undo-journal.ts';
import { COMPOSE_PROJECT } from './compose-project.ts';
import type { ContainerFacts, ContainerNetwork } from './container-facts.ts';
import type { Conversation, Engine } from './engine.ts';

/** What must be done to a container to make it as it was. */
export type Undo =
  | { readonly do: 'start' }
  | { readonly do: 'unpause' }
  | {
      readonly do: 'connect';
      readonly network: string;
      readonly networkName: string;
      readonly aliases: readonly string[];
      readonly address?: string | undefined;
    };

/** What a hand works with. */
export interface HandOptions {
  readonly engine: Engine;
  readonly container: ContainerFacts;
  /** What the lab calls it: `passive-1`, `redis data`. */
  readonly what: string;
  readonly project: string;
  readonly journal: Pick<UndoJournal, 'note'>;
  readonly timers: Timers;
}

const MOST_PAUSE_TRIES = 10;
const PAUSE_AGAIN_MS = 50;

/**
 * The only way in which the lab touches a container. It takes hold of none but those of its compose
 * project, notes in the undo journal what must be taken back before it does anything, and can make
 * the container as it was.
 */
export class ContainerHand {
  readonly id: string;
  readonly name: string;
  readonly #options: HandOptions;
  readonly #undo = new Map<string, Undo>();

  /** @throws {NotOfTheProject} when the container's labels name another project, or none */
  constructor(options: HandOptions) {
    const { container, project } = options;
    const owner = container.labels[COMPOSE_PROJECT];
    if (owner !== project) {
      throw new NotOfTheProject(
        `the container ${container.name} (${container.id.slice(0, 12)}) belongs to ${owner === undefined ? 'no compose project' : `the compose project ${owner}`}, not to ${project}: it was left alone.`,
      );
    }
    this.#options = options;
    this.id = container.id;
    this.name = options.what;
  }

  /** `container 3f2a4b5c6d7e (passive-1)` */
  get who(): string {
    return `container ${this.id.slice(0, 12)} (${this.name})`;
  }

  /** What is to be taken back, in words. */
  get inForce(): readonly string[] {
    return [...this.#undo.values()].map((undo) => `${undo.do} ${this.name}`);
  }

  inspect(): Promise<ContainerFacts> {
    return this.#options.engine.inspect(this.id);
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#noted({ do: 'start' }, () => this.#options.engine.kill(this.id, signal));
  }

  /** An engine cannot freeze processes that wait for a disk in this moment: it is asked again. */
  async pause(): Promise<void> {
    const { engine, timers } = this.#options;
    await this.#noted({ do: 'unpause' }, async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await engine.pause(this.id);
        } catch (error) {
          if (tries === MOST_PAUSE_TRIES || !messageOf(error).includes('unable to freeze'))
            throw error;
          await sleep(timers, PAUSE_AGAIN_MS);
        }
      }
    });
  }

  async unpause(): Promise<void> {
    await this.#options.engine.unpause(this.id);
    this.#undone({ do: 'unpause' });
  }

  async start(): Promise<void> {
    await this.#options.engine.start(this.id);
    // What was paused when it was killed is not paused any more.
    this.#undone({ do: 'unpause' });
    this.#undone({ do: 'start' });
  }

  /**
   * Takes the container out of a network of its project.
   * @throws {NotOfTheProject} when the network is not of the project
   */
  async disconnect(network: ContainerNetwork): Promise<void> {
    const { engine, project } = this.#options;
    const owner = (await engine.networkLabels(network.id))[COMPOSE_PROJECT];
    if (owner !== project) {
      throw new NotOfTheProject(
        `the network ${network.name} belongs to ${owner === undefined ? 'no compose project' : `the compose project ${owner}`}, not to ${project}: ${this.who} was left in it.`,
      );
    }
    await this.#noted(connecting(network), () => engine.disconnect(network.id, this.id));
  }

  /** Puts the container into a network again, under the names that it had there. */
  async connect(network: ContainerNetwork): Promise<void> {
    const { aliases, configuredAddress: address } = network;
    await this.#options.engine.connect(network.id, this.id, { aliases, address });
    this.#undone(connecting(network));
  }

  /**
   * Talks with a program in the container, run for this. What it does on behalf of who talks must end
   * by itself when they have gone: nothing of it is in the undo journal.
   */
  converse(
    command: readonly string[],
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
    onEnd: () => void,
  ): Promise<Conversation> {
    return this.#options.engine.converse(this.id, command, onLine, onEnd);
  }

  /**
   * Takes back whatever is in force still, as far as it can.
   * @returns what it could not take back, in words
   */
  async restore(): Promise<readonly string[]> {
    const trouble: string[] = [];
    for (const undo of [...this.#undo.values()]) {
      try {
        await takeBack(this.#options.engine, this.id, undo);
        this.#undone(undo);
      } catch (error) {
        trouble.push(`${undo.do} ${this.name}: ${messageOf(error)}`);
      }
    }
    return trouble;
  }

  /** Does something that is noted before; what the engine refuses has nothing to be taken back. */
  async #noted(undo: Undo, act: () => Promise<void>): Promise<void> {
    const again = this.#undo.has(keyOf(undo));
    this.#undo.set(keyOf(undo), undo);
    this.#write(undo, false);
    try {
      await act();
    } catch (error) {
      if (!again) this.#undone(undo);
      throw error;
    }
  }

  #undone(undo: Undo): void {
    if (this.#undo.delete(keyOf(undo))) this.#write(undo, true);
  }

  #write(undo: Undo, undone: boolean): void {
    const { engine, journal, project } = this.#options;
    journal.note({
      kind: 'container',
      what: this.name,
      id: this.id,
      project,
      engine: engine.where,
      undo,
      undone,
    });
  }
}

function connecting(network: ContainerNetwork): Undo {
  const { id, name, aliases, configuredAddress: address } = network;
  return { do: 'connect', network: id, networkName: name, aliases, address };
}

/** Tells one thing to be taken back from the next. */
export function keyOf(undo: Undo): string {
  return undo.do === 'connect' ? `connect ${undo.network}` : undo.do;
}

/** Makes a container as it was in one respect, unless it is so already. */
export async function takeBack(engine: Engine, id: string, undo: Undo): Promise<boolean> {
  const { state, networks } = await engine.inspect(id);
  switch (undo.do) {
    case 'start':
      if (state.running) return false;
      await engine.start(id);
      return true;
    case 'unpause':
      if (!state.paused) return false;
      await engine.unpause(id);
      return true;
    case 'connect':
      if (networks.some((network) => network.id === undo.network)) return false;
      await engine.connect(undo.network, id, undo);
      return true;
  }
}
