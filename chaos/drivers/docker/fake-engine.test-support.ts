import type { UndoEntry } from '../undo-journal.ts';
import type { ContainerFacts, ContainerNetwork } from './container-facts.ts';
import type { Conversation, Engine, EngineEvent } from './engine.ts';

/** A container that runs, with what a test says of it besides. */
export function aContainer(more: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    id: '3f2a4b5c6d7e8f90',
    name: 'shop_passive-1_1',
    labels: { 'com.docker.compose.project': 'shop' },
    environment: {},
    tty: false,
    state: {
      status: 'running',
      running: true,
      paused: false,
      exitCode: 0,
      oomKilled: false,
      pid: 4711,
      startedAt: '2026-11-26T19:10:18.912752999Z',
      finishedAt: '0001-01-01T00:00:00Z',
    },
    published: {},
    networks: [],
    ...more,
  };
}

/** A network of the project `shop`. */
export const REDIS_NETWORK: ContainerNetwork = {
  id: 'n-redis',
  name: 'shop_redis',
  address: '172.20.0.7',
  aliases: ['passive-1'],
  configuredAddress: undefined,
};

/** An engine with one container, which does as it is told and remembers what that was. */
export class FakeEngine implements Engine {
  readonly where = 'fake';
  readonly done: string[] = [];
  /** Of every network there is. */
  networkProject = 'shop';
  facts: ContainerFacts;
  /** The first such acts fail with these messages. */
  readonly refusals: string[] = [];
  /** What the container printed before anybody listened. */
  printed: string[] = [];
  readonly followedSince: (string | undefined)[] = [];
  /** Prints a line to whoever follows. */
  print: (line: string) => void = () => undefined;
  hear: (event: EngineEvent) => void = () => undefined;

  constructor(facts: ContainerFacts) {
    this.facts = facts;
  }

  list(): Promise<{ id: string; project: string }[]> {
    const project = this.facts.labels['com.docker.compose.project'] ?? '';
    return Promise.resolve([{ id: this.facts.id, project }]);
  }

  inspect(): Promise<ContainerFacts> {
    return Promise.resolve(this.facts);
  }

  networkLabels(): Promise<Record<string, string>> {
    return Promise.resolve({ 'com.docker.compose.project': this.networkProject });
  }

  kill(_: string, signal: string): Promise<void> {
    const exitCode = signal === 'SIGKILL' ? 137 : 0;
    return this.#act(`kill ${signal}`, () => {
      this.#become({ status: 'exited', running: false, paused: false, exitCode });
      for (const [action, attributes] of [
        ['kill', { signal: signal === 'SIGKILL' ? '9' : '15' }],
        ['die', { exitCode: String(exitCode) }],
      ] as const) {
        this.hear({ container: this.facts.id, action, attributes });
      }
    });
  }

  pause(): Promise<void> {
    return this.#act('pause', () => {
      this.#become({ paused: true });
      this.hear({ container: this.facts.id, action: 'pause', attributes: {} });
    });
  }

  unpause(): Promise<void> {
    return this.#act('unpause', () => this.#become({ paused: false }));
  }

  start(): Promise<void> {
    return this.#act('start', () =>
      this.#become({ status: 'running', running: true, startedAt: '2026-11-26T19:11:00Z' }),
    );
  }

  disconnect(network: string): Promise<void> {
    return this.#act(`disconnect ${network}`, () => {
      const networks = this.facts.networks.filter(({ id }) => id !== network);
      this.facts = { ...this.facts, networks };
    });
  }

  connect(network: string): Promise<void> {
    return this.#act(`connect ${network}`, () => {
      this.facts = { ...this.facts, networks: [...this.facts.networks, REDIS_NETWORK] };
    });
  }

  lastLines(): Promise<string[]> {
    return Promise.resolve(this.printed);
  }

  follow(
    _: unknown,
    since: string | undefined,
    onLine: (line: string, stream: 'stdout') => void,
  ): Promise<Disposable> {
    this.followedSince.push(since);
    this.print = (line) => onLine(line, 'stdout');
    return Promise.resolve({ [Symbol.dispose]: () => undefined });
  }

  /** What a program in the container is told; `end` when its input ends. */
  readonly told: string[] = [];
  /** Prints a line of that program. */
  answer: (line: string, stream?: 'stdout' | 'stderr') => void = () => undefined;
  /** Ends that program. */
  hangUp: () => void = () => undefined;

  converse(
    _: string,
    command: readonly string[],
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
    onEnd: () => void,
  ): Promise<Conversation> {
    return this.#act(`run ${command.join(' ')}`, () => {
      this.answer = (line, stream = 'stdout') => onLine(line, stream);
      this.hangUp = onEnd;
    }).then(() => ({
      say: (line) => void this.told.push(line),
      end: () => {
        this.told.push('end');
        onEnd();
      },
      [Symbol.dispose]: () => undefined,
    }));
  }

  events(onEvent: (event: EngineEvent) => void): Promise<Disposable> {
    this.hear = onEvent;
    return Promise.resolve({ [Symbol.dispose]: () => undefined });
  }

  #become(state: Partial<ContainerFacts['state']>): void {
    this.facts = { ...this.facts, state: { ...this.facts.state, ...state } };
  }

  #act(what: string, effect: () => void): Promise<void> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return Promise.reject(new TypeError(refusal));
    this.done.push(what);
    effect();
    return Promise.resolve();
  }
}

/** A journal that keeps its entries in memory. */
export function memoryJournal(): { entries: UndoEntry[]; note(entry: UndoEntry): void } {
  const entries: UndoEntry[] = [];
  return { entries, note: (entry) => void entries.push(entry) };
}
