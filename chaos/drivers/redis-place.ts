import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commandConnection,
  type CommandConnection,
  launchRedisServer,
  type Persistence,
  type RedisServer,
} from '@understudy/redis';
import { type Clock, invariant, messageOf, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { RedisUnfit } from '../errors.ts';
import type { RedisTarget } from '../schedule/step.ts';
import { describeExit, type Exit } from './exit.ts';
import { runIdOnceLoaded, untilSo } from './redis-waits.ts';
import { type FaultyRedis, WATCHER_PREFIX } from './faulty-redis.ts';
import { ProcessGroup } from './process-group.ts';
import { startTimeOf } from './process-table.ts';
import type { UndoJournal } from './undo-journal.ts';

/** What it takes to run one server, again and again in the same place. */
export interface RedisPlaceOptions {
  name: RedisTarget;
  executable: string;
  /** The run directory: data goes to `redis/<name>/`, logs to `logs/`. */
  directory: string;
  persistence: Persistence;
  journal: UndoJournal;
  clock: Clock;
  timers: Timers;
}

/** How long a server that was started again may take to read its data. */
const LOAD_LIMIT_MS = 10_000;
const LOOK_MS = 5;

/**
 * One Redis server of a run: a port and a directory, and the process that serves them at present.
 * Disposing ends whatever process there is, also one that is stopped or just being started.
 */
export class RedisPlace implements FaultyRedis, AsyncDisposable {
  readonly name: RedisTarget;
  readonly url: string;
  readonly #options: RedisPlaceOptions;
  readonly #connection: CommandConnection;
  #server: RedisServer;
  #group: ProcessGroup;
  #starts = 1;
  #starting: Promise<RedisServer> | undefined;
  #closing = false;

  private constructor(options: RedisPlaceOptions, { server, group }: Started) {
    this.#options = options;
    this.#server = server;
    this.#group = group;
    this.name = options.name;
    this.url = server.url;
    this.#connection = commandConnection(server.url, { name: `${WATCHER_PREFIX}hand` });
  }

  /** Starts the server. @throws {RedisServerFailed} */
  static async start(options: RedisPlaceOptions): Promise<RedisPlace> {
    try {
      return new RedisPlace(options, await start(options));
    } catch (error) {
      keepLog(options, 1);
      throw error;
    }
  }

  get persistence(): Persistence {
    return this.#options.persistence;
  }

  get pid(): number {
    return this.#group.pid;
  }

  get startTime(): string {
    return this.#group.startTime;
  }

  get who(): string {
    return this.#group.who;
  }

  get admin(): Redis {
    return this.#connection.redis;
  }

  get runId(): string | undefined {
    return this.#connection.runId;
  }

  signal(name: NodeJS.Signals): void {
    this.#group.signal(name);
  }

  exitWithin(limitMs: number): Promise<Exit | undefined> {
    return this.#group.exitWithin(limitMs);
  }

  statesWithin(limitMs: number, stopped: boolean): Promise<string> {
    return this.#group.statesWithin(limitMs, stopped);
  }

  told(states: string): string {
    return this.#group.told(states);
  }

  until(isSo: () => Promise<boolean>, limitMs: number): Promise<boolean> {
    return untilSo(isSo, limitMs, LOOK_MS, this.#options);
  }

  async restart(): Promise<{ who: string; runId: string }> {
    const who = `the Redis ${this.name}`;
    if (!this.#group.exit) throw new RedisUnfit(`${who} still runs and is not started again`);
    invariant(!this.#closing, 'no server is started while those of the run are being stopped');
    keepLog(this.#options, this.#starts);
    this.#starts += 1;
    const starting = start(this.#options, this.#server.port);
    this.#starting = starting.then(({ server }) => server);
    this.#starting.catch(() => undefined);
    try {
      ({ server: this.#server, group: this.#group } = await starting);
    } catch (error) {
      throw new RedisUnfit(`${who} could not be started again: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return { who: this.who, runId: await this.#loaded() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await this.#connection[Symbol.asyncDispose]();
    // One that is on its way must not be left behind; one that fails has ended by itself.
    await this.#starting?.then((server) => server.stop()).catch(() => undefined);
    await this.#server.stop();
    keepLog(this.#options, this.#starts);
  }

  /** The `run_id` that is found once the server has read its data. */
  async #loaded(): Promise<string> {
    const { exited } = this.#group;
    const runId = await runIdOnceLoaded(
      this.#connection,
      exited,
      LOAD_LIMIT_MS,
      this.#options.timers,
    );
    if (runId !== undefined) return runId;
    const why = this.#group.exit
      ? describeExit(this.#group.exit)
      : `read data for more than ${LOAD_LIMIT_MS / 1000} s`;
    throw new RedisUnfit(`the Redis ${this.name} was started again and ${why}`);
  }
}

interface Started {
  readonly server: RedisServer;
  readonly group: ProcessGroup;
}

async function start(options: RedisPlaceOptions, port?: number): Promise<Started> {
  const { name, executable, directory, persistence, journal, clock, timers } = options;
  let startTime: string | undefined;
  const server = await launchRedisServer({
    executable,
    directory: join(directory, 'redis', name),
    persistence,
    ...(port === undefined ? {} : { port }),
    onSpawn: ({ pid }) => {
      startTime = pid === undefined ? undefined : startTimeOf(pid);
      if (pid === undefined || startTime === undefined) return;
      const undo = 'SIGKILL to the group; remove redis/';
      journal.note({ kind: 'process', what: `redis ${name}`, pid, startTime, undo });
    },
  });
  invariant(startTime !== undefined, 'a server that answers has been seen in the process table');
  const { pid, exited } = server;
  return { server, group: new ProcessGroup({ pid, startTime, exited, clock, timers }) };
}

/** Each process of a place writes a log of its own: `redis-data.log`, `redis-data.2.log`, … */
function keepLog({ directory, name }: RedisPlaceOptions, nth: number): void {
  const kept = nth === 1 ? `redis-${name}.log` : `redis-${name}.${nth}.log`;
  try {
    copyFileSync(join(directory, 'redis', name, 'redis.log'), join(directory, 'logs', kept));
  } catch {
    // A server that never started left no log; its error has been reported.
  }
}
