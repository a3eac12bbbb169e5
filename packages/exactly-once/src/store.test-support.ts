import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant, randomId } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import type { FencingToken } from './fencing-token.ts';
import type { CommitRequest, Ledger } from './ledger.ts';
import { redisLedger, type RedisLedgerOptions } from './redis-ledger.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A private store of a test file, and what is opened to it; all of it ends with the file. */
export class TestStore implements AsyncDisposable {
  readonly directory: string;
  readonly #ledgers: Ledger[] = [];
  readonly #connections: Redis[] = [];
  #server: RedisServer;

  private constructor(directory: string, server: RedisServer) {
    this.directory = directory;
    this.#server = server;
  }

  static async start(): Promise<TestStore> {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-store-'));
    return new TestStore(directory, await launch(directory));
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Ends the server, lets `between` do what happens to its files, and starts it again. */
  async restart(between: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    await this.#server.stop();
    await between();
    this.#server = await launch(this.directory, this.#server.port);
  }

  ledger(options: Partial<RedisLedgerOptions> & { group: string }): Ledger {
    const ledger = redisLedger({ url: this.url, name: 'test', ...options });
    this.#ledgers.push(ledger);
    return ledger;
  }

  /** A direct connection, to look at what the scripts did. */
  observer(): Redis {
    const redis = connect(this.url, { purpose: 'observe', name: 'test:observer' });
    this.#connections.push(redis);
    return redis;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ledger of this.#ledgers) await ledger[Symbol.asyncDispose]();
    for (const redis of this.#connections) redis.disconnect();
    await this.#server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function launch(directory: string, port?: number): Promise<RedisServer> {
  const found = findRedisServer(ROOT, process.env);
  invariant(found, 'setup provides a Redis');
  return launchRedisServer({ executable: found.path, directory, ...(port ? { port } : {}) });
}

/** A group of its own for one test. */
export function newGroup(): string {
  return `g${randomId().replaceAll(/[^A-Za-z0-9]/g, 'x')}`;
}

/** A commit of one credit; `given` changes it. */
export function request(given: Partial<CommitRequest> & { job: string }): CommitRequest {
  const credits = [{ account: 'a-1', amountCents: 100 }];
  const rest = { digest: 'd', token: null, node: 'node-1', incarnation: 'i1', credits };
  return { key: given.job, ...rest, ...given };
}

/** Mints `term` as a node does whose lease is proved and that read the epoch just before. */
export async function mintTerm(ledger: Ledger, term: string): Promise<FencingToken> {
  await ledger.ready();
  const { epoch: expected, runId } = await ledger.readEpoch();
  const outcome = await ledger.mint({ term, expected, floor: 0, runId });
  invariant(outcome.status === 'minted', 'nobody minted in between');
  return { epoch: outcome.epoch, term };
}

/** Stands between a ledger and its store and can keep what the store answers. */
export interface LossyLink extends AsyncDisposable {
  readonly url: string;
  /** From now on replies are swallowed, requests pass. */
  loseReplies(): void;
  /** Cuts every connection; new ones work both ways. */
  cut(): void;
}

/** Opens a link to `port`. */
export async function lossyLink(port: number): Promise<LossyLink> {
  const sockets = new Set<Socket>();
  let losing = false;
  const server = createServer((client) => {
    const upstream = connectSocket(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!losing) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  invariant(typeof address === 'object' && address, 'a listening server has an address');
  const cut = (): void => {
    losing = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${address.port}`,
    loseReplies: () => void (losing = true),
    cut,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
