import { connect, groupKeys } from '@understudy/redis';
import { invariant, randomId } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { announceIncarnation } from '../announce-incarnation.ts';
import type { DataRedis } from '../data-redis.test-support.ts';
import type { Completion, FetchedJob, Lane, LaneTerm, Recovery, Told } from '../lane.ts';
import { openLink, type Link } from '../link.test-support.ts';
import { CONSUMER_GROUP, streamKeys } from './stream-keys.ts';
import type { StreamLaneOptions } from './stream-lane-options.ts';
import { streamLane } from './stream-lane.ts';

const QUEUE = 'jobs';

/** What a node of a test is started with. */
export type NodeOptions = Partial<StreamLaneOptions> & {
  /** Default 300. */
  absentAfterMs?: number;
  /** Whether it is to be told under which term it works by the test. Default: it works at once. */
  led?: boolean;
};

/** A node as Redis sees it: its lane and its presence, over a link that can be cut or frozen. */
export interface TestNode extends AsyncDisposable {
  readonly lane: Lane;
  readonly incarnation: string;
  readonly link: Link;
  readonly parked: { job: string; reason: string }[];
  readonly fenced: number[];
  /** The next job; the test fails by its time limit when there is none. */
  take(): Promise<FetchedJob>;
  take(count: number): Promise<FetchedJob[]>;
  /** Becomes the leader, as the ledger sees it. */
  lead(): Promise<Term>;
  /** SIGKILL as Redis sees it: every connection is closed, nothing comes any more. */
  kill(): void;
}

/** A term, and how to end it. */
export interface Term {
  readonly token: NonNullable<LaneTerm['token']>;
  end(): void;
}

/** A group of its own in `data`, with the stream `jobs`. */
export class StreamFleet implements AsyncDisposable {
  readonly data: DataRedis;
  readonly group = `g${randomId().replaceAll(/[^A-Za-z0-9]/g, 'x')}`;
  readonly keys = groupKeys(this.group);
  readonly stream = streamKeys({ group: this.group, queue: QUEUE });
  readonly redis: Redis;
  readonly #nodes: TestNode[] = [];
  #epoch = 0;

  constructor(data: DataRedis) {
    this.data = data;
    this.redis = connect(data.url, { purpose: 'queue', name: 'test' });
  }

  /** Enqueues jobs: `a/1` is one of account `a`. */
  async enqueue(...ids: readonly string[]): Promise<string[]> {
    const entries = [];
    for (const id of ids) {
      const account = id.includes('/') ? { account: id.split('/')[0] } : {};
      const data = JSON.stringify({ id, ...account });
      entries.push(await this.redis.xadd(this.stream.jobs, '*', 'id', id, 'data', data));
    }
    return entries.map((entry) => entry ?? '');
  }

  /** Starts a node: announced, with a heartbeat that is missed after `absentAfterMs`. */
  async node(options: NodeOptions = {}): Promise<TestNode> {
    const { absentAfterMs = 300, led = false, ...own } = options;
    const incarnation = options.incarnation ?? `i${randomId()}`;
    const link = await openLink(this.data.port);
    const node = `node-${this.#nodes.length + 1}`;
    const common = { url: link.url, group: this.group, node, incarnation };
    const heartbeatMs = absentAfterMs / 6;
    const presence = await announceIncarnation({ ...common, absentAfterMs, heartbeatMs });
    const parked: TestNode['parked'] = [];
    const fenced: number[] = [];
    const lane = streamLane({
      // Unless a test is about it: what is in whose hands is then known.
      ...{ ...common, queue: QUEUE, fetchAhead: 0 },
      onParked: (job, reason) => void parked.push({ job, reason }),
      onFenced: ({ epoch }) => void fenced.push(epoch),
      ...own,
    });
    if (!led) lane.begin({ token: null, signal: new AbortController().signal });
    const started: TestNode = {
      ...{ lane, incarnation, link, parked, fenced },
      take: taker(lane) as TestNode['take'],
      lead: () => this.lead(lane),
      kill: () => link.close(),
      async [Symbol.asyncDispose]() {
        await lane[Symbol.asyncDispose]();
        await presence[Symbol.asyncDispose]();
        link.close();
      },
    };
    this.#nodes.push(started);
    return started;
  }

  /** Mints a term for `lane` and lets it begin. */
  async lead(lane: Lane): Promise<Term> {
    this.#epoch += 1;
    const token = { epoch: this.#epoch, term: `t${this.#epoch}` };
    await this.redis.hset(this.keys.epoch, { epoch: token.epoch, term: token.term });
    const over = new AbortController();
    lane.begin({ token, signal: over.signal });
    return { token, end: () => over.abort() };
  }

  /** Calls `recover` of `node` until it took something back. */
  async recovered(node: TestNode): Promise<Recovery> {
    for (;;) {
      const recovery = await node.lane.recover();
      if (recovery.taken.length > 0) return recovery;
    }
  }

  /** How many entries are held, by consumer; those that hold none are left out. */
  async held(): Promise<Record<string, number>> {
    const pending = this.redis.xpending(this.stream.jobs, CONSUMER_GROUP);
    const [, , , consumers] = await pending.catch(noGroup);
    const counts = consumers as [string, string][] | null | undefined;
    return Object.fromEntries((counts ?? []).map(([name, count]) => [name, Number(count)]));
  }

  length(): Promise<number> {
    return this.redis.xlen(this.stream.jobs);
  }

  /** The parked jobs, each with its fields. */
  async parked(): Promise<Record<string, string>[]> {
    const entries = await this.redis.xrange(this.stream.parked, '-', '+');
    return entries.map(([, fields]) => {
      const pairs = fields.flatMap((field, i) =>
        i % 2 === 0 ? [[field, fields[i + 1] ?? '']] : [],
      );
      return Object.fromEntries(pairs) as Record<string, string>;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes) await node[Symbol.asyncDispose]();
    this.redis.disconnect();
  }
}

function taker(lane: Lane): (count?: number) => Promise<FetchedJob | FetchedJob[]> {
  const { signal } = new AbortController();
  const one = async (): Promise<FetchedJob> => {
    const job = await lane.fetch(signal);
    invariant(job, 'nobody aborts this fetch');
    return job;
  };
  return async (count) => {
    if (count === undefined) return one();
    const jobs: FetchedJob[] = [];
    while (jobs.length < count) jobs.push(await one());
    return jobs;
  };
}

/** Until somebody fetches there is no group. */
function noGroup(error: Error): unknown[] {
  if (!error.message.startsWith('NOGROUP')) throw error;
  return [];
}

/** The ids of jobs. */
export const idsOf = (jobs: readonly { id: string }[]): string[] => jobs.map(({ id }) => id);

/** How telling the queue ended, also where the next job did not wait for it. */
export async function toldOf(completion: Completion): Promise<Told> {
  return completion.status === 'under-way' ? completion.told : completion.status;
}
