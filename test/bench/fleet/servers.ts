import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { endWithBench } from '../children.ts';
import { makeDirectory, removeDirectory } from '../directories.ts';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Private Redis servers, by name. Disposing ends them and removes what they kept. */
export interface Servers extends AsyncDisposable {
  urlOf(name: string): string;
  readonly all: ReadonlyMap<string, RedisServer>;
}

/** The redis-server that is measured with. */
export function redisServerPath(): string {
  const path = findRedisServer(ROOT, process.env)?.path;
  invariant(path, 'a redis-server is installed (run `node scripts/setup.mjs`)');
  return path;
}

/** Starts a Redis server for each name, each in a directory of its own. */
export async function startServers(names: readonly string[]): Promise<Servers> {
  const executable = redisServerPath();
  const directory = makeDirectory();
  const started = await Promise.all(
    names.map(async (name) => {
      const options = { executable, directory: join(directory, name), onSpawn: endWithBench };
      return [name, await launchRedisServer(options)] as const;
    }),
  );
  const all = new Map(started);
  return {
    all,
    urlOf(name) {
      const server = all.get(name);
      invariant(server, `${name} is a server`);
      return server.url;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all.values()].map((server) => server.stop()));
      removeDirectory(directory);
    },
  };
}
