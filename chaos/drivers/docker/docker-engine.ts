import { messageOf } from '@understudy/runtime';
import type Dockerode from 'dockerode';
import { DockerEngineUnfit } from '../../errors.ts';
import type { ContainerFacts } from './container-facts.ts';
import { factsOf } from './container-inspection.ts';
import type { Conversation, Endpoint, Engine, EngineEvent } from './engine.ts';
import { eventOf, listenTo, readLog, secondsOf } from './engine-streams.ts';
import { demultiplexed, lineSplitter } from './log-frames.ts';

/**
 * Finds the engine as Docker's own tools do (DOCKER_HOST, else the local socket) and asks whether it
 * answers.
 * @throws {DockerEngineUnfit} when it does not; the message says what to do
 */
export async function openEngine(): Promise<Engine> {
  const Docker = await loadDockerode();
  let where = process.env.DOCKER_HOST ?? '/var/run/docker.sock';
  try {
    const docker = new Docker();
    const { socketPath } = docker.modem as { socketPath?: unknown };
    if (process.env.DOCKER_HOST === undefined && typeof socketPath === 'string') where = socketPath;
    await docker.ping();
    return new DockerEngine(docker, where);
  } catch (error) {
    throw new DockerEngineUnfit(
      `no Docker engine answers: ${messageOf(error)} (looked at ${where}). Start Docker, let this user talk to it (on Linux: the group docker), or set DOCKER_HOST to where it listens.`,
      { cause: error },
    );
  }
}

/**
 * Only here is dockerode loaded: no other run needs it. Who installs the lab decides whether it comes
 * along, because with it comes a library that is compiled while it is installed.
 */
async function loadDockerode(): Promise<typeof Dockerode> {
  try {
    return (await import('dockerode')).default;
  } catch (error) {
    throw new DockerEngineUnfit(
      `what talks to Docker cannot be loaded: ${messageOf(error)}. Install it: npm install --save-dev dockerode@5`,
      { cause: error },
    );
  }
}

/** A Docker engine, by its HTTP interface. */
class DockerEngine implements Engine {
  readonly where: string;
  readonly #docker: Dockerode;

  constructor(docker: Dockerode, where: string) {
    this.#docker = docker;
    this.where = where;
  }

  list(project?: string): Promise<readonly { readonly id: string; readonly project: string }[]> {
    return this.#ask('to list containers', async () => {
      const label = `com.docker.compose.project${project === undefined ? '' : `=${project}`}`;
      const found = await this.#docker.listContainers({ all: true, filters: { label: [label] } });
      return found.map(({ Id, Labels }) => ({
        id: Id,
        project: Labels['com.docker.compose.project'] ?? '',
      }));
    });
  }

  inspect(id: string): Promise<ContainerFacts> {
    return this.#of(id, 'to show', async (container) => factsOf(await container.inspect()));
  }

  networkLabels(id: string): Promise<Readonly<Record<string, string>>> {
    return this.#ask(`to show network ${short(id)}`, async () => {
      const { Labels } = await this.#docker.getNetwork(id).inspect();
      return Labels ?? {};
    });
  }

  kill(id: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#of(id, `to send ${signal} to`, (container) => container.kill({ signal }));
  }

  pause(id: string): Promise<void> {
    return this.#of(id, 'to pause', (container) => container.pause());
  }

  unpause(id: string): Promise<void> {
    return this.#of(id, 'to wake', (container) => container.unpause());
  }

  start(id: string): Promise<void> {
    return this.#of(id, 'to start', (container) => container.start());
  }

  disconnect(network: string, id: string): Promise<void> {
    return this.#of(id, `to take out of network ${short(network)}`, () =>
      this.#docker.getNetwork(network).disconnect({ Container: id, Force: true }),
    );
  }

  connect(network: string, id: string, { aliases, address }: Endpoint): Promise<void> {
    const EndpointConfig = {
      Aliases: [...aliases],
      ...(address === undefined ? {} : { IPAMConfig: { IPv4Address: address } }),
    };
    return this.#of(id, `to put into network ${short(network)}`, () =>
      this.#docker.getNetwork(network).connect({ Container: id, EndpointConfig }),
    );
  }

  lastLines(
    { id, tty }: Pick<ContainerFacts, 'id' | 'tty'>,
    count: number,
  ): Promise<readonly string[]> {
    return this.#of(id, 'to read the log of', async (container) => {
      const options = { stdout: true, stderr: true, tail: count };
      const log = await container.logs({ ...options, follow: false });
      const lines: string[] = [];
      const take = (line: string): void => void lines.push(line);
      const split = { stdout: lineSplitter(take), stderr: lineSplitter(take) };
      if (tty) split.stdout.take(log);
      else demultiplexed((stream, piece) => split[stream].take(piece)).take(log);
      split.stdout.end();
      split.stderr.end();
      return lines;
    });
  }

  follow(
    { id, tty }: Pick<ContainerFacts, 'id' | 'tty'>,
    since: string | undefined,
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
    onEnd: () => void,
  ): Promise<Disposable> {
    return this.#of(id, 'to follow the log of', async (container) => {
      const from = since === undefined ? { tail: 0 } : { since: secondsOf(since) };
      const log = await container.logs({ follow: true, stdout: true, stderr: true, ...from });
      return readLog(log, tty, onLine, onEnd);
    });
  }

  converse(
    id: string,
    command: readonly string[],
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
    onEnd: () => void,
  ): Promise<Conversation> {
    return this.#of(id, `to run ${command.join(' ')} in`, async (container) => {
      const attached = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false };
      const exec = await container.exec({ ...attached, Cmd: [...command] });
      const stream = await exec.start({ hijack: true, stdin: true });
      const reading = readLog(stream, false, onLine, onEnd);
      return {
        say: (line) => void stream.write(`${line}\n`),
        end: () => void stream.end(),
        [Symbol.dispose]: () => reading[Symbol.dispose](),
      };
    });
  }

  events(onEvent: (event: EngineEvent) => void, onEnd: () => void): Promise<Disposable> {
    return this.#ask('to tell what happens', async () => {
      const stream = await this.#docker.getEvents({ filters: { type: ['container', 'network'] } });
      const split = lineSplitter((line) => {
        const event = eventOf(line);
        if (event) onEvent(event);
      });
      return listenTo(stream, (piece) => split.take(piece), onEnd);
    });
  }

  #of<T>(
    id: string,
    what: string,
    act: (container: Dockerode.Container) => Promise<T>,
  ): Promise<T> {
    return this.#ask(`${what} container ${short(id)}`, () => act(this.#docker.getContainer(id)));
  }

  async #ask<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw new DockerEngineUnfit(
        `the Docker engine at ${this.where} refuses ${what}: ${messageOf(error)}`,
        { cause: error, context: { status: statusOf(error) ?? 0 } },
      );
    }
  }
}

function short(id: string): string {
  return id.slice(0, 12);
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
