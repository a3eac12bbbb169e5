import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  createLease,
  type Lease,
  type LeaseChange,
  type LeaseLogEvent,
  type LeaseSettings,
} from '@understudy/lease';
import {
  connect,
  findRedisServer,
  groupKeys,
  launchRedisServer,
  type Persistence,
  type RedisServer,
} from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { RedisEpochStore } from './redis-epoch-store.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Fast enough for tests, slow enough for a loaded machine. */
const QUICK: Partial<LeaseSettings> = { ttlMs: 1000, commandTimeoutMs: 250 };

/** A private Redis server that can be frozen, killed and brought back. */
export class TestServer implements AsyncDisposable {
  readonly #directory: string;
  readonly #persistence: Persistence;
  #server: RedisServer;
  /** The test's own look at the server; not a part of what is tested. */
  redis: Redis;

  private constructor(directory: string, persistence: Persistence, server: RedisServer) {
    this.#directory = directory;
    this.#persistence = persistence;
    this.#server = server;
    this.redis = connect(server.url, { purpose: 'observe', name: 'test:observer' });
  }

  static async start(directory: string, persistence: Persistence = 'none'): Promise<TestServer> {
    return new TestServer(directory, persistence, await launch(directory, persistence));
  }

  get url(): string {
    return this.#server.url;
  }

  freeze(): void {
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#server.pid, 'SIGCONT');
  }

  /** Closes the connections called `name`. */
  async cutOff(name: string): Promise<void> {
    const clients = String(await this.redis.client('LIST')).split('\n');
    for (const client of clients.filter((line) => line.includes(` name=${name} `))) {
      await this.redis.client('KILL', 'ID', /id=(\d+)/.exec(client)?.[1] ?? '');
    }
  }

  async kill(): Promise<void> {
    await closed(this.redis);
    process.kill(this.#server.pid, 'SIGKILL');
    await this.#server.exited;
  }

  /** Starts it again on the same port, with what its persistence kept. */
  async revive(): Promise<void> {
    this.#server = await launch(this.#directory, this.#persistence, this.#server.port);
    this.redis = connect(this.url, { purpose: 'observe', name: 'test:observer' });
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.revive();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.child.exitCode === null && this.#server.child.signalCode === null) this.thaw();
    await closed(this.redis);
    await this.#server.stop();
  }
}

async function launch(
  directory: string,
  persistence: Persistence,
  port?: number,
): Promise<RedisServer> {
  const found = findRedisServer(ROOT, process.env);
  invariant(found, 'setup has found a redis-server');
  const given = port === undefined ? {} : { port };
  return launchRedisServer({ executable: found.path, directory, persistence, ...given });
}

async function closed(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const ended = new Promise((resolve) => redis.once('end', resolve));
  redis.disconnect();
  await ended;
}

/** Something that happens, to be awaited once it did or does. */
export class Journal<T> {
  readonly entries: T[] = [];
  readonly #waiting = new Set<() => void>();
  #read = 0;

  add(entry: T): void {
    this.entries.push(entry);
    for (const wake of [...this.#waiting]) wake();
  }

  /** The first entry after those read before that `matches`. Reads up to it. */
  async next<S extends T>(matches: (entry: T) => entry is S): Promise<S>;
  async next(matches: (entry: T) => boolean): Promise<T>;
  async next(matches: (entry: T) => boolean): Promise<T> {
    for (;;) {
      while (this.#read < this.entries.length) {
        const entry = this.entries[this.#read++] as T;
        if (matches(entry)) return entry;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

type Change<Type extends LeaseChange['type']> = Extract<LeaseChange, { type: Type }>;

/** The next change of `type`. */
export function next<Type extends LeaseChange['type']>(
  journal: Journal<LeaseChange>,
  type: Type,
): Promise<Change<Type>> {
  return journal.next((change): change is Change<Type> => change.type === type);
}

/** One contender in this process, with its own link to the store. */
export interface Contender {
  readonly name: string;
  readonly lease: Lease;
  readonly store: RedisEpochStore;
  readonly changes: Journal<LeaseChange>;
  readonly log: Journal<LeaseLogEvent>;
  /** Resolves after the store was read `times` more: it is looked at eight times per TTL. */
  reads(times: number): Promise<void>;
}

/** One contender in a process of its own, to be killed or frozen. */
export interface ContenderProcess {
  readonly name: string;
  readonly child: ChildProcess;
  /** As far as JSON carries it: without the signal. */
  readonly changes: Journal<LeaseChange>;
  kill(): Promise<void>;
}

export interface RigOptions {
  readonly lockNodes?: number;
  readonly persistence?: Persistence;
  readonly settings?: Partial<LeaseSettings>;
}

/** Lock nodes, a store, and contenders. Disposing of it ends all of them and looks for leaks. */
export class Rig implements AsyncDisposable {
  readonly group = 'rig';
  readonly keys = groupKeys('rig');
  readonly locks: readonly TestServer[];
  readonly store: TestServer;
  readonly #settings: Partial<LeaseSettings>;
  readonly #directory: string;
  readonly #contenders: Contender[] = [];
  /** Elections of all contenders of this process, in order. */
  readonly #elections = new Journal<{ contender: Contender; change: Change<'elected'> }>();
  readonly #processes: ContenderProcess[] = [];

  private constructor(
    directory: string,
    settings: Partial<LeaseSettings>,
    servers: readonly TestServer[],
  ) {
    this.#directory = directory;
    this.#settings = settings;
    this.locks = servers.slice(1);
    this.store = servers[0] as TestServer;
  }

  static async start(options: RigOptions = {}): Promise<Rig> {
    const directory = mkdtempSync(join(tmpdir(), 'understudy-lease-'));
    const names = ['store'];
    for (let i = 1; i <= (options.lockNodes ?? 3); i++) names.push(`lock-${i}`);
    const servers = await Promise.all(
      names.map((name) => TestServer.start(join(directory, name), options.persistence)),
    );
    return new Rig(directory, { ...QUICK, ...options.settings }, servers);
  }

  lock(number: number): TestServer {
    const server = this.locks[number - 1];
    invariant(server, 'there is such a lock node');
    return server;
  }

  /** A contender in this process, started. */
  contend(name: string, options: { start?: boolean } = {}): Contender {
    const store = new RedisEpochStore(this.store.url, this.group);
    const changes = new Journal<LeaseChange>();
    const log = new Journal<LeaseLogEvent>();
    const lease = createLease({
      ...this.#settings,
      group: this.group,
      nodeId: name,
      incarnation: `${name}-1`,
      lockUrls: this.locks.map((server) => server.url),
      store,
      onChange: (change) => {
        changes.add(change);
        if (change.type === 'elected') this.#elections.add({ contender, change });
      },
      log: (event) => log.add(event),
    });
    const reads = (times: number): Promise<void> => store.reads(times);
    const contender: Contender = { name, lease, store, changes, log, reads };
    this.#contenders.push(contender);
    if (options.start !== false) lease.start();
    return contender;
  }

  /** The next election of any contender of this process. */
  nextLeader(): Promise<{ contender: Contender; change: Change<'elected'> }> {
    return this.#elections.next(() => true);
  }

  /** Who of this process' contenders leads now. */
  get leaders(): Contender[] {
    return this.#contenders.filter(({ lease }) => lease.leadership);
  }

  /** A contender in a process of its own, started. */
  contendApart(name: string): ContenderProcess {
    const main = fileURLToPath(new URL('./contender-process.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [
        main,
        JSON.stringify({
          settings: this.#settings,
          group: this.group,
          name,
          lockUrls: this.locks.map((server) => server.url),
          storeUrl: this.store.url,
        }),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const changes = new Journal<LeaseChange>();
    createInterface({ input: child.stdout }).on('line', (line) =>
      changes.add(JSON.parse(line) as LeaseChange),
    );
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    };
    const apart: ContenderProcess = { name, child, changes, kill };
    this.#processes.push(apart);
    return apart;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((apart) => apart.kill()));
    await Promise.all(this.#contenders.map(({ lease }) => lease.stop()));
    await Promise.all(this.#contenders.map(({ store }) => store[Symbol.asyncDispose]()));
    await Promise.all([this.store, ...this.locks].map((server) => server[Symbol.asyncDispose]()));
    rmSync(this.#directory, { recursive: true });
  }
}
