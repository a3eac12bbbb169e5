import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  connect,
  findRedisServer,
  groupKeys,
  launchRedisServer,
  type RedisServer,
} from '@understudy/redis';
import { invariant, randomId } from '@understudy/runtime';
import type { WorkerEvent } from '@understudy/worker';
import * as bullmq6 from 'bullmq';
import * as bullmq5 from 'bullmq5';
import type { Redis } from 'ioredis';
import { exactlyOnce, type JobOptions, type SafeProcessor } from './exactly-once.ts';
import { leadership, type Leader, type LeadershipOptions } from './leadership.ts';
import type { NodeEvents } from './node-events.ts';
import type { SafeContext } from './safe-context.ts';

export type Bullmq = typeof bullmq6;
export type Job = bullmq6.Job<Payment, unknown>;

/** Both that are supported; what their types have in common is checked in types.test.ts. */
export const BULLMQS: readonly (readonly [string, Bullmq])[] = [
  ['BullMQ 5', bullmq5 as unknown as Bullmq],
  ['BullMQ 6', bullmq6],
];

export interface Payment {
  readonly id?: string;
  readonly account?: string;
  readonly amountCents?: number;
}

export interface Effect {
  readonly job: string;
  readonly node: string;
  readonly epoch?: string;
}

/** What a node said, and which. */
export type Told = WorkerEvent & { readonly node: string };

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A private Redis of a test file. */
export class PrivateRedis implements AsyncDisposable {
  readonly server: RedisServer;
  readonly #directory: string;

  private constructor(server: RedisServer, directory: string) {
    this.server = server;
    this.#directory = directory;
  }

  static async start(): Promise<PrivateRedis> {
    const found = findRedisServer(ROOT, process.env);
    invariant(found, 'setup provides a Redis');
    const directory = await mkdtemp(join(tmpdir(), 'understudy-bullmq-'));
    const server = await launchRedisServer({ executable: found.path, directory });
    return new PrivateRedis(server, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export type Processor = (job: Job, context: SafeContext) => unknown;
type WorkerOptions = Partial<Omit<bullmq6.WorkerOptions, 'connection'>>;

/** A group and a queue of its own, with workers of one BullMQ. All of it ends with the stage. */
export class Stage implements AsyncDisposable {
  readonly bullmq: Bullmq;
  readonly group = `g${randomId().replaceAll(/[^A-Za-z0-9]/g, 'x')}`;
  readonly queueName = 'payments';
  readonly redis: Redis;
  readonly queue: bullmq6.Queue;
  readonly events: Told[] = [];
  readonly connection: { readonly host: string; readonly port: number };
  readonly #url: string;
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly #told = new Set<() => void>();

  constructor({ server }: PrivateRedis, bullmq: Bullmq) {
    this.bullmq = bullmq;
    this.#url = server.url;
    this.connection = { host: '127.0.0.1', port: server.port };
    this.redis = connect(server.url, { purpose: 'observe', name: 'test' });
    this.queue = new bullmq.Queue(this.queueName, {
      connection: this.connection,
      prefix: this.prefix,
    });
  }

  get prefix(): string {
    return groupKeys(this.group).queuePrefix;
  }

  get groupOptions() {
    const onEvent: NodeEvents = (event, { nodeId }) => {
      this.events.push({ ...event, node: nodeId });
      for (const listener of [...this.#told]) listener();
    };
    return { redisUrl: this.#url, group: this.group, nodeId: 'node-1', onEvent };
  }

  /** A wrapped processor without a leader. */
  safe(processor: Processor, options: JobOptions<Job> = {}): SafeProcessor<Job, unknown> {
    const safe = exactlyOnce(processor, { ...this.groupOptions, ...options });
    this.#ends.push(() => safe.close());
    return safe;
  }

  leader(options: Partial<LeadershipOptions> = {}): Leader {
    const leader = leadership({
      ...this.groupOptions,
      lockRedisUrls: [this.#url],
      ttlMs: 5000,
      ...options,
    });
    this.#ends.push(() => leader.close());
    return leader;
  }

  worker(
    processor: ((job: Job, token?: string, signal?: AbortSignal) => Promise<unknown>) | null,
    options: WorkerOptions = {},
  ): bullmq6.Worker<Payment, unknown> {
    const { connection, prefix } = this;
    const worker = new this.bullmq.Worker<Payment, unknown>(this.queueName, processor, {
      drainDelay: 1,
      ...options,
      connection,
      prefix,
    });
    // A lock that was lost is told as an error, and is what some tests are about.
    worker.on('error', () => undefined);
    this.#ends.push(() => worker.close());
    return worker;
  }

  async effects(): Promise<Effect[]> {
    const entries = await this.redis.xrange(groupKeys(this.group).effects, '-', '+');
    return entries.map(([, flat]) => {
      const fields: Record<string, string> = {};
      for (let i = 0; i < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
      return fields as unknown as Effect;
    });
  }

  async jobsWithEffects(): Promise<string[]> {
    return (await this.effects()).map(({ job }) => job);
  }

  async balanceOf(account: string): Promise<number> {
    return Number((await this.redis.hget(groupKeys(this.group).balances, account)) ?? 0);
  }

  /** Resolves when an event is told that fits, or was already. */
  said(fits: (event: Told) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.events.some(fits)) return;
        this.#told.delete(look);
        resolve();
      };
      this.#told.add(look);
      look();
    });
  }

  /** Something else that is to end with the stage, after what was made later. */
  endsWith(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
    await this.queue.close();
    this.redis.disconnect();
  }
}

/** How jobs ended, as a worker tells it: resolves when `count` of them have. */
export function ended(
  worker: bullmq6.Worker,
  count: number,
): Promise<{ completed: string[]; failed: [string, string][] }> {
  const completed: string[] = [];
  const failed: [string, string][] = [];
  return new Promise((resolve) => {
    const look = (): void => {
      if (completed.length + failed.length >= count) resolve({ completed, failed });
    };
    worker.on('completed', (job) => {
      completed.push(String((job.data as Payment).id ?? job.id));
      look();
    });
    worker.on('failed', (job, error) => {
      failed.push([String((job?.data as Payment).id ?? job?.id), error.message]);
      look();
    });
  });
}
