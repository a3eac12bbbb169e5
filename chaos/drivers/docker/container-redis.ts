import { commandConnection, type CommandConnection } from '@understudy/redis';
import type { Clock, Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { RedisUnfit } from '../../errors.ts';
import type { RedisTarget } from '../../schedule/step.ts';
import { describeExit, type Exit } from '../exit.ts';
import { type FaultyRedis, WATCHER_PREFIX } from '../faulty-redis.ts';
import { runIdOnceLoaded, untilSo } from '../redis-waits.ts';
import { type ProjectServer, urlOf } from './compose-project.ts';
import type { ContainerHand } from './container-hand.ts';
import { ContainerProcess } from './container-process.ts';
import type { EventWatch } from './event-watch.ts';

/** What a Redis server in a container is reached by. */
export interface ContainerRedisOptions {
  readonly server: ProjectServer;
  readonly hand: ContainerHand;
  readonly events: EventWatch;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** How long a server that was started again may take until it answers, its data read. */
const LOAD_LIMIT_MS = 20_000;
const LOOK_MS = 20;

/**
 * A Redis server of the fleet's compose project. Disposing takes back what faults have done to it,
 * and stops nothing.
 */
export class ContainerRedis implements FaultyRedis, AsyncDisposable {
  readonly name: RedisTarget;
  readonly url: string;
  readonly persistence = 'as configured';
  readonly hand: ContainerHand;
  readonly #options: ContainerRedisOptions;
  readonly #connection: CommandConnection;
  #process: ContainerProcess;

  constructor(options: ContainerRedisOptions) {
    const { server, hand } = options;
    this.#options = options;
    this.name = server.name;
    this.url = server.url;
    this.hand = hand;
    this.#process = this.#processIn(server.container.state);
    this.#connection = commandConnection(server.url, { name: `${WATCHER_PREFIX}hand` });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get startTime(): string {
    return this.#process.startTime;
  }

  get who(): string {
    return this.#process.who;
  }

  get admin(): Redis {
    return this.#connection.redis;
  }

  get runId(): string | undefined {
    return this.#connection.runId;
  }

  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.signal(name);
  }

  exitWithin(limitMs: number): Promise<Exit | undefined> {
    return this.#process.exitWithin(limitMs);
  }

  statesWithin(limitMs: number, stopped: boolean): Promise<string> {
    return this.#process.statesWithin(limitMs, stopped);
  }

  told(states: string): string {
    return this.#process.told(states);
  }

  until(isSo: () => Promise<boolean>, limitMs: number): Promise<boolean> {
    return untilSo(isSo, limitMs, LOOK_MS, this.#options);
  }

  async restart(): Promise<{ who: string; runId: string }> {
    if (!this.#process.exit)
      throw new RedisUnfit(`${this.who} still runs and is not started again`);
    await this.hand.start();
    const facts = await this.hand.inspect();
    this.#process = this.#processIn(facts.state);
    if (urlOf(facts) !== this.url) {
      throw new RedisUnfit(
        `${this.who} is published at another port since it was started again (${urlOf(facts) || 'none'}, before ${this.url}): give it a fixed one in docker-compose.yml`,
      );
    }
    return { who: this.who, runId: await this.#answering() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
    this.#process[Symbol.dispose]();
    const trouble = await this.hand.restore();
    if (trouble.length === 0) return;
    throw new RedisUnfit(
      `what faults have done could not be taken back: ${trouble.join('; ')}. \`understudy doctor --heal\` tries again.`,
    );
  }

  #processIn(state: ConstructorParameters<typeof ContainerProcess>[0]['state']): ContainerProcess {
    const { hand, events, clock, timers } = this.#options;
    return new ContainerProcess({ hand, state, events, clock, timers });
  }

  async #answering(): Promise<string> {
    const { exited } = this.#process;
    const runId = await runIdOnceLoaded(
      this.#connection,
      exited,
      LOAD_LIMIT_MS,
      this.#options.timers,
    );
    if (runId !== undefined) return runId;
    const why = this.#process.exit
      ? describeExit(this.#process.exit)
      : `does not answer at ${this.url} after ${LOAD_LIMIT_MS / 1000} s`;
    throw new RedisUnfit(`${this.who} was started again and ${why}`);
  }
}
