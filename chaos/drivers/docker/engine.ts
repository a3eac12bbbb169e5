import type Dockerode from 'dockerode';
import { messageOf } from '@understudy/runtime';
import { DockerEngineUnfit } from '../../errors.ts';
import { type ContainerFacts, factsOf } from './container-facts.ts';
import { demultiplexed, lineSplitter } from './log-frames.ts';

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
  /** Follows what happens to containers; `onEnd` is told when the engine says no more. */
  events(onEvent: (event: EngineEvent) => void, onEnd: () => void): Promise<Disposable>;
}

/**
 * Finds the engine as Docker's own tools do (DOCKER_HOST, else the local socket) and asks whether it
 * answers. Only here is dockerode loaded: no other run needs it.
 * @throws {DockerEngineUnfit} when it does not; the message says what to do
 */
export async function openEngine(): Promise<Engine> {
  const { default: Docker } = await import('dockerode');
  let where = process.env.DOCKER_HOST ?? '/var/run/docker.sock';
  try {
    const docker = new Docker();
    const { socketPath } = docker.modem as { socketPath?: unknown };
    if (process.env.DOCKER_HOST === undefined && typeof socketPath === 'string') where = socketPath;
    await docker.ping();
    return engineOver(docker, where);
  } catch (error) {
    throw new DockerEngineUnfit(
      `no Docker engine answers: ${messageOf(error)} (looked at ${where}). Start Docker, let this user talk to it (on Linux: the group docker), or set DOCKER_HOST to where it listens.`,
      { cause: error },
    );
  }
}

function engineOver(docker: Dockerode, where: string): Engine {
  const refusing = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw new DockerEngineUnfit(
        `the Docker engine at ${where} refuses ${what}: ${messageOf(error)}`,
        {
          cause: error,
          context: { status: statusOf(error) ?? 0 },
        },
      );
    }
  };
  const container = (id: string): Dockerode.Container => docker.getContainer(id);
  const short = (id: string): string => id.slice(0, 12);
  return {
    where,
    list: (project) =>
      refusing('to list containers', async () => {
        const label = `com.docker.compose.project${project === undefined ? '' : `=${project}`}`;
        const found = await docker.listContainers({ all: true, filters: { label: [label] } });
        return found.map(({ Id, Labels }) => ({
          id: Id,
          project: Labels['com.docker.compose.project'] ?? '',
        }));
      }),
    inspect: (id) =>
      refusing(`to show container ${short(id)}`, async () =>
        factsOf(await container(id).inspect()),
      ),
    networkLabels: (id) =>
      refusing(`to show network ${short(id)}`, async () => {
        const { Labels } = (await docker.getNetwork(id).inspect()) as Dockerode.NetworkInspectInfo;
        return Labels ?? {};
      }),
    kill: (id, signal) =>
      refusing(`to send ${signal} to container ${short(id)}`, () => container(id).kill({ signal })),
    pause: (id) => refusing(`to pause container ${short(id)}`, () => container(id).pause()),
    unpause: (id) => refusing(`to wake container ${short(id)}`, () => container(id).unpause()),
    start: (id) => refusing(`to start container ${short(id)}`, () => container(id).start()),
    disconnect: (network, id) =>
      refusing(`to take container ${short(id)} out of network ${short(network)}`, () =>
        docker.getNetwork(network).disconnect({ Container: id, Force: true }),
      ),
    connect: (network, id, { aliases, address }) =>
      refusing(`to put container ${short(id)} into network ${short(network)}`, () =>
        docker.getNetwork(network).connect({
          Container: id,
          EndpointConfig: {
            Aliases: [...aliases],
            ...(address === undefined ? {} : { IPAMConfig: { IPv4Address: address } }),
          },
        }),
      ),
    lastLines: ({ id, tty }, count) =>
      refusing(`to read the log of container ${short(id)}`, async () => {
        const log = await container(id).logs({
          ...{ follow: false, stdout: true, stderr: true },
          tail: count,
        });
        const lines: string[] = [];
        const take = (line: string): void => void lines.push(line);
        const split = { stdout: lineSplitter(take), stderr: lineSplitter(take) };
        if (tty) split.stdout.take(log);
        else demultiplexed((stream, piece) => split[stream].take(piece)).take(log);
        split.stdout.end();
        split.stderr.end();
        return lines;
      }),
    follow: (facts, since, onLine, onEnd) =>
      refusing(`to follow the log of container ${short(facts.id)}`, async () => {
        const from = since === undefined ? { tail: 0 } : { since: secondsOf(since) };
        const log = await container(facts.id).logs({
          ...{ follow: true, stdout: true, stderr: true },
          ...from,
        });
        return readLog(log, facts.tty, onLine, onEnd);
      }),
    events: (onEvent, onEnd) =>
      refusing('to tell what happens', async () => {
        const stream = await docker.getEvents({ filters: { type: ['container', 'network'] } });
        const split = lineSplitter((line) => {
          const event = eventOf(line);
          if (event) onEvent(event);
        });
        return listenTo(stream, (piece) => split.take(piece), onEnd);
      }),
  };
}

/** The engine's `since`: seconds since 1970, to the nanosecond as it wrote them itself. */
function secondsOf(iso: string): string {
  const fraction = /\.(\d{1,9})/.exec(iso)?.[1] ?? '0';
  return `${Math.floor(Date.parse(iso) / 1000)}.${fraction.padEnd(9, '0')}`;
}

function readLog(
  log: NodeJS.ReadableStream,
  tty: boolean,
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
  onEnd: () => void,
): Disposable {
  const split = {
    stdout: lineSplitter((line) => onLine(line, 'stdout')),
    stderr: lineSplitter((line) => onLine(line, 'stderr')),
  };
  const frames = demultiplexed((stream, piece) => split[stream].take(piece));
  return listenTo(
    log,
    (piece) => (tty ? split.stdout.take(piece) : frames.take(piece)),
    () => {
      split.stdout.end();
      split.stderr.end();
      onEnd();
    },
  );
}

/** Reads a stream to its end, or until it is disposed: then nothing more is told. */
function listenTo(
  stream: NodeJS.ReadableStream,
  onPiece: (piece: Buffer) => void,
  onEnd: () => void,
): Disposable {
  let open = true;
  const end = (): void => {
    if (open) onEnd();
    open = false;
  };
  stream.on('data', (piece: Buffer) => {
    if (open) onPiece(piece);
  });
  for (const name of ['end', 'close', 'error']) stream.on(name, end);
  return {
    [Symbol.dispose]() {
      open = false;
      (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
    },
  };
}

/** What a line of the engine's events says of a container; undefined for everything else. */
export function eventOf(line: string): EngineEvent | undefined {
  try {
    const { Type, Action, Actor } = JSON.parse(line) as {
      Type?: string;
      Action?: string;
      Actor?: { ID?: string; Attributes?: Record<string, string> };
    };
    const attributes = Actor?.Attributes ?? {};
    const network = Type === 'network';
    const container = network ? attributes.container : Actor?.ID;
    if (container === undefined || Action === undefined) return undefined;
    return { container, action: network ? `network ${Action}` : Action, attributes };
  } catch {
    return undefined;
  }
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
