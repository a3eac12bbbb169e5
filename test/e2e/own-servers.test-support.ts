import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findRedisServer,
  launchRedisServer,
  type Persistence,
  type RedisServer,
} from '@understudy/redis';

/** Redis servers that a test owns, so that it can do to them what no fault of the lab does yet. */
export class OwnServers implements AsyncDisposable {
  readonly #directory: string;
  readonly #servers = new Map<string, RedisServer>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** None is started yet. */
  static async create(): Promise<OwnServers> {
    return new OwnServers(await mkdtemp(join(tmpdir(), 'understudy-servers-')));
  }

  /** Starts a server on the data that `name` left, or on none; with `port` where it was before. */
  async start(
    name: string,
    options: { port?: number; persistence?: Persistence } = {},
  ): Promise<RedisServer> {
    const executable = findRedisServer(process.cwd(), process.env)?.path ?? 'redis-server';
    const server = await launchRedisServer({
      executable,
      directory: join(this.#directory, name),
      ...options,
    });
    this.#servers.set(name, server);
    return server;
  }

  /** SIGKILLs a server and waits until it is gone. Its data stays. */
  async kill(name: string): Promise<void> {
    const server = this.#servers.get(name);
    server?.child.kill('SIGKILL');
    await server?.exited;
  }

  /** Copies the data of `name`, as it is on disk now, for a server called `copy`. */
  async copy(name: string, copy: string): Promise<void> {
    const [from, to] = [name, copy].map((part) => join(this.#directory, part));
    await cp(from as string, to as string, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
    await rm(this.#directory, { recursive: true, force: true });
  }
}
