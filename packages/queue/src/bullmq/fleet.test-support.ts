import { connect, groupKeys } from '@understudy/redis';
import { invariant, randomId } from '@understudy/runtime';
import { Queue, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { announceIncarnation } from '../announce-incarnation.ts';
import type { DataRedis } from '../data-redis.test-support.ts';
import type { FetchedJob, Lane, Recovery } from '../lane.ts';
import { openLink, type Link } from '../link.test-support.ts';
import type { BullmqLaneOptions } from './bullmq-lane-options.ts';
import { bullmqLane } from './bullmq-lane.ts';

const QUEUE = 'jobs';

/** A node as Redis sees it: its lane and its presence, over a link that can be cut or frozen. */
export interface TestNode extends AsyncDisposable {
  readonly lane: Lane;
  readonly incarnation: string;
  readonly link: Link;
  readonly parked: { job: string; reason: string }[];
  /** The next job; the test fails by its time limit when there is none. */
  take(): Promise<FetchedJob>;
  take(count: number): Promise<FetchedJob[]>;
  /** SIGKILL as Redis sees it: every connection is closed, nothing comes any more. */
  kill(): void;
}

/** A group of its own in `data`, with the queue `jobs`. */
export class TestFleet implements AsyncDisposable {
  readonly data: DataRedis;
  readonly group = `g${randomId().replaceAll(/[^A-Za-z0-9]/g, 'x')}`;
  readonly keys = groupKeys(this.group);
  readonly redis: Redis;
  readonly bull: Queue;
  readonly #nodes: TestNode[] = [];

  constructor(data: DataRedis) {
    this.data = data;
    this.redis = connect(data.url, { purpose: 'queue', name: 'test' });
    const prefix = this.keys.queuePrefix;
    this.bull = new Queue(QUEUE, { connection: this.redis, prefix, skipVersionCheck: true });
    this.bull.on('error', () => undefined);
  }

  /** The full name of one of BullMQ's keys, or of a job's hash. */
  key(name: string): string {
    return `${this.keys.queuePrefix}:${QUEUE}:${name}`;
  }

  async enqueue(ids: readonly string[], opts: JobsOptions = {}): Promise<string[]> {
    const jobs = await this.bull.addBulk(ids.map((id) => ({ name: 'job', data: { id }, opts })));
    return jobs.map(({ id }) => id ?? '');
  }

  /** Starts a node: announced, with a heartbeat that is missed after `absentAfterMs`. */
  async node(
    options: Partial<BullmqLaneOptions> & { absentAfterMs?: number } = {},
  ): Promise<TestNode> {
    const { absentAfterMs = 300, ...lane } = options;
    const incarnation = options.incarnation ?? `i${randomId()}`;
    const link = await openLink(this.data.port);
    const node = `node-${this.#nodes.length + 1}`;
    const common = { url: link.url, group: this.group, node, incarnation };
    const heartbeatMs = absentAfterMs / 6;
    const presence = await announceIncarnation({ ...common, absentAfterMs, heartbeatMs });
    const parked: { job: string; reason: string }[] = [];
    const onParked = (job: string, reason: string): void => void parked.push({ job, reason });
    const made = bullmqLane({ ...common, queue: QUEUE, lockDurationMs: 5000, onParked, ...lane });
    const started = testNode({ lane: made, presence, link, incarnation, parked });
    this.#nodes.push(started);
    return started;
  }

  /** Calls `recover` of `node` until it took something back. */
  async recovered(node: TestNode): Promise<Recovery> {
    for (;;) {
      const recovery = await node.lane.recover();
      if (recovery.taken.length > 0 || recovery.parked.length > 0) return recovery;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes) await node[Symbol.asyncDispose]();
    await this.bull.close();
    this.redis.disconnect();
  }
}

function testNode(parts: {
  lane: Lane;
  presence: AsyncDisposable;
  link: Link;
  incarnation: string;
  parked: { job: string; reason: string }[];
}): TestNode {
  const { lane, presence, link, incarnation, parked } = parts;
  const { signal } = new AbortController();
  const one = async (): Promise<FetchedJob> => {
    const job = await lane.fetch(signal);
    invariant(job, 'nobody aborts this fetch');
    return job;
  };
  function take(): Promise<FetchedJob>;
  function take(count: number): Promise<FetchedJob[]>;
  async function take(count?: number): Promise<FetchedJob | FetchedJob[]> {
    if (count === undefined) return one();
    const jobs: FetchedJob[] = [];
    while (jobs.length < count) jobs.push(await one());
    return jobs;
  }
  return {
    lane,
    incarnation,
    link,
    parked,
    take,
    kill: () => link.close(),
    async [Symbol.asyncDispose]() {
      await lane[Symbol.asyncDispose]();
      await presence[Symbol.asyncDispose]();
      link.close();
    },
  };
}
