import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findRedisServer,
  launchRedisServer,
  type Persistence,
  type RedisServer,
} from '@understudy/redis';
import { invariant } from '@understudy/runtime';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A private data Redis of a test file. */
export class DataRedis implements AsyncDisposable {
  readonly directory: string;
  readonly persistence: Persistence;
  #server: RedisServer;

  private constructor(directory: string, persistence: Persistence, server: RedisServer) {
    this.directory = directory;
    this.persistence = persistence;
    this.#server = server;
  }

  static async start(persistence: Persistence = 'none'): Promise<DataRedis> {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-queue-'));
    return new DataRedis(directory, persistence, await launch(directory, persistence));
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  async restart(): Promise<void> {
    await this.#server.stop();
    this.#server = await launch(this.directory, this.persistence, this.#server.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function launch(directory: string, persistence: Persistence, port?: number): Promise<RedisServer> {
  const found = findRedisServer(ROOT, process.env);
  invariant(found, 'setup provides a Redis');
  const options = { executable: found.path, directory, persistence };
  return launchRedisServer({ ...options, ...(port ? { port } : {}) });
}
