import type { ContainerFacts } from './container-facts.ts';

/** Something that the engine says has happened to a container. */
export interface EngineEvent {
  /** The container's id. */
  readonly container: string;
  /** `die`, `kill`, `pause`, `start`, and of networks `network disconnect`. */
  readonly action: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What makes a container part of a network again. */
export interface Endpoint {
  readonly aliases: readonly string[];
  /** The address that was configured for it; absent where the network gives one. */
  readonly address?: string | undefined;
}

/** A program that runs in a container besides its own, and what it is told. */
export interface Conversation extends Disposable {
  /** Hands it a line on its standard input. */
  say(line: string): void;
  /** Ends its standard input. */
  end(): void;
}

/** What the lab asks of a Docker engine. Methods throw DockerEngineUnfit when it refuses. */
export interface Engine {
  /** Where it listens, for messages: `/var/run/docker.sock`. */
  readonly where: string;
  /** The containers of a compose project, running or not; of any when no project is named. */
  list(project?: string): Promise<readonly { readonly id: string; readonly project: string }[]>;
  inspect(id: string): Promise<ContainerFacts>;
  /** The labels of a network. */
  networkLabels(id: string): Promise<Readonly<Record<string, string>>>;
  kill(id: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  start(id: string): Promise<void>;
  disconnect(network: string, id: string): Promise<void>;
  connect(network: string, id: string, endpoint: Endpoint): Promise<void>;
  /**
   * The last lines that a container printed, oldest first: so many, on both its outputs together as
   * the engine counts them; fewer when there are no more.
   */
  lastLines(
    container: Pick<ContainerFacts, 'id' | 'tty'>,
    count: number,
  ): Promise<readonly string[]>;
  /**
   * Follows what a container prints from `since` on (ISO 8601); from now on without. `onLine` is
   * told of each line; `onEnd` once, when the container has ended or the connection has.
   */
  follow(
    container: Pick<ContainerFacts, 'id' | 'tty'>,
    since: string | undefined,
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
    onEnd: () => void,
  ): Promise<Disposable>;
  /**
   * Runs a command in a container that runs, besides what it does. `onLine` is told each line it
   * prints, `onEnd` once, when it has ended. Disposing of what it returns, or the end of this process,
   * ends its standard input.
   */
  converse(
    id: string,
    command: readonly string[],
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
    onEnd: () => void,
  ): Promise<Conversation>;
  /** Follows what happens to containers; `onEnd` is told when the engine says no more. */
  events(onEvent: (event: EngineEvent) => void, onEnd: () => void): Promise<Disposable>;
}
