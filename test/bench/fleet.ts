import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, groupKeys, launchRedisServer } from '@understudy/redis';
import { invariant, sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

const root = fileURLToPath(new URL('../..', import.meta.url));
const workerMain = join(root, 'services/worker/src/main.ts');

const BATCH_MS = 10;

/** A node of the bench's fleet, as seen through what it prints. */
export interface BenchNode {
  readonly id: string;
  readonly child: ChildProcess;
  state: string;
  /** It has said that it is ready: what it does at its start is over. */
  ready: boolean;
  /** Monotonic ms at which it last became active. */
  activeSinceMs: number;
  /** Jobs it began and whose effect was not seen yet. */
  readonly attempts: Set<string>;
  readonly exited: Promise<void>;
}

/** One effect as the bench saw it. */
export interface SeenEffect {
  readonly job: string;
  readonly node: string;
  readonly atMs: number;
}

/** How a fleet is set up. */
export interface FleetOptions {
  mode: 'active-passive' | 'active-active';
  nodes: number;
  environment?: Record<string, string>;
  /** Where nodes serve their metrics, by node. Default: nowhere. */
  metricsPorts?: ReadonlyMap<string, number>;
}

/** Redis servers and worker processes without the lab: a bench must not measure its judge. */
export class Fleet implements AsyncDisposable {
  readonly nodes = new Map<string, BenchNode>();
  readonly group = 'bench';
  readonly #options: FleetOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  readonly #closing: (() => Promise<unknown>)[] = [];
  readonly #effectWaiters = new Set<(effect: SeenEffect) => void>();
  readonly #stateWaiters = new Set<() => void>();
  /** What a node says on its pipe may come later than the effect that Redis tells of. */
  readonly #done = new Set<string>();
  #dataUrl = '';
  #lockUrls: string[] = [];
  #started = 0;
  #producing = true;
  #producer: Promise<void> = Promise.resolve();

  private constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Starts the servers and the nodes, and waits until every node is passive or active. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    const executable = findRedisServer(root, process.env)?.path;
    invariant(executable, 'a redis-server is installed (run npm start once)');
    const names = ['data', 'lock-1', 'lock-2', 'lock-3'];
    const servers = await Promise.all(
      names.map((name) =>
        launchRedisServer({ executable, directory: join(fleet.#directory, name) }),
      ),
    );
    fleet.#closing.push(() => Promise.all(servers.map((server) => server.stop())));
    fleet.#dataUrl = servers[0]?.url ?? '';
    fleet.#lockUrls = servers.slice(1).map((server) => server.url);
    fleet.#follow();
    for (let i = 1; i <= options.nodes; i++) fleet.startNode(`node-${i}`);
    await fleet.settled();
    return fleet;
  }

  /** Starts (or starts again) a node. */
  startNode(id: string): BenchNode {
    this.#started += 1;
    const metricsPort = this.#options.metricsPorts?.get(id);
    // As the lab starts its nodes.
    const child = spawn(process.execPath, ['--max-semi-space-size=2', workerMain], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        NODE_COMPILE_CACHE: join(root, '.understudy', 'compile-cache'),
        ...process.env,
        REDIS_URL: this.#dataUrl,
        LOCK_REDIS_URLS: this.#lockUrls.join(','),
        UNDERSTUDY_NODE_ID: id,
        UNDERSTUDY_INCARNATION: `i${this.#started}`,
        UNDERSTUDY_GROUP: this.group,
        UNDERSTUDY_MODE: this.#options.mode,
        UNDERSTUDY_HANDLER_MS: '5',
        UNDERSTUDY_LOCK_DURATION_MS: '5000',
        LOG_LEVEL: 'silent',
        ...(metricsPort === undefined ? {} : { METRICS_PORT: String(metricsPort) }),
        ...this.#options.environment,
      },
    });
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const node: BenchNode = {
      ...{
        id,
        child,
        state: 'starting',
        ready: false,
        activeSinceMs: 0,
        attempts: new Set(),
        exited,
      },
    };
    this.nodes.set(id, node);
    void exited.then(() => this.#setState(node, 'down'));
    const { stdout } = child;
    invariant(stdout, 'stdout is a pipe');
    createInterface({ input: stdout }).on('line', (line) => this.#line(node, line));
    return node;
  }

  /** Resolves when every node is ready and passive or active, and one at least active. */
  async settled(): Promise<void> {
    await this.until(() => {
      const nodes = [...this.nodes.values()];
      if (!nodes.every((node) => node.ready)) return false;
      const states = nodes.map((node) => node.state);
      const up = states.every((state) => state === 'passive' || state === 'active');
      return up && states.includes('active');
    });
  }

  /** Resolves when `condition` holds; looked at whenever a node changes its state. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#stateWaiters.delete(wake);
          resolve();
        };
        this.#stateWaiters.add(wake);
      });
    }
  }

  /** The node that is active now. */
  get leader(): BenchNode {
    const leader = [...this.nodes.values()].find((node) => node.state === 'active');
    invariant(leader, 'a node is active');
    return leader;
  }

  /** The first effect that `matches`, seen after this call. */
  effect(matches: (effect: SeenEffect) => boolean): Promise<SeenEffect> {
    return new Promise((resolve) => {
      const waiter = (effect: SeenEffect): void => {
        if (!matches(effect)) return;
        this.#effectWaiters.delete(waiter);
        resolve(effect);
      };
      this.#effectWaiters.add(waiter);
    });
  }

  /** Calls `listener` for every effect from now on. Returns how to stop. */
  onEffect(listener: (effect: SeenEffect) => void): () => void {
    this.#effectWaiters.add(listener);
    return () => void this.#effectWaiters.delete(listener);
  }

  /** Enqueues `perSecond` jobs a second until the fleet is disposed. */
  produce(perSecond: number): void {
    this.#producer = this.#keepProducing(perSecond);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#producing = false;
    await this.#producer;
    for (const node of this.nodes.values()) node.child.kill('SIGKILL');
    await Promise.all([...this.nodes.values()].map((node) => node.exited));
    for (const close of this.#closing.reverse()) await close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #keepProducing(perSecond: number): Promise<void> {
    const connection = new Redis(this.#dataUrl, { maxRetriesPerRequest: null });
    const queue = new Queue('payments', {
      connection,
      prefix: groupKeys(this.group).queuePrefix,
    });
    const startedMs = systemClock.monotonicMs();
    let n = 0;
    while (this.#producing) {
      const due = Math.floor(((systemClock.monotonicMs() - startedMs) * perSecond) / 1000);
      const jobs = Array.from({ length: due - n }, () => {
        n += 1;
        const data = { id: `b-${n}`, account: `a-${n % 50}`, amountCents: 100 };
        return { name: 'job', data, opts: { removeOnComplete: true } };
      });
      if (jobs.length > 0) await queue.addBulk(jobs);
      await sleep(systemTimers, BATCH_MS);
    }
    await queue.close();
    connection.disconnect();
  }

  #follow(): void {
    const redis = connect(this.#dataUrl, { purpose: 'observe', name: 'bench' });
    let open = true;
    const key = groupKeys(this.group).effects;
    const loop = async (): Promise<void> => {
      let last = '0';
      while (open) {
        const reply = await redis.xread('COUNT', 1000, 'BLOCK', 1000, 'STREAMS', key, last);
        const atMs = systemClock.monotonicMs();
        for (const [id, fields] of entriesOf(reply)) {
          last = id;
          this.#seen({ job: fields.get('job') ?? '', node: fields.get('node') ?? '', atMs });
        }
      }
    };
    const running = loop().catch(() => undefined);
    this.#closing.push(async () => {
      open = false;
      redis.disconnect();
      await running;
    });
  }

  #seen(effect: SeenEffect): void {
    this.#done.add(effect.job);
    for (const node of this.nodes.values()) node.attempts.delete(effect.job);
    for (const waiter of [...this.#effectWaiters]) waiter(effect);
  }

  #line(node: BenchNode, line: string): void {
    if (!line.startsWith('@understudy ')) return;
    const event = JSON.parse(line.slice('@understudy '.length)) as Record<string, unknown>;
    if (event.event === 'attempt') {
      const job = String(event.job);
      if (!this.#done.has(job)) node.attempts.add(job);
    } else if (event.event === 'ready') {
      node.ready = true;
      for (const waiter of [...this.#stateWaiters]) waiter();
    } else if (event.event === 'state') {
      this.#setState(node, String(event.state));
    }
  }

  #setState(node: BenchNode, state: string): void {
    node.state = state;
    if (state === 'active') node.activeSinceMs = systemClock.monotonicMs();
    for (const waiter of [...this.#stateWaiters]) waiter();
  }
}

/** The entries of an XREAD reply, whichever of its two protocol shapes it has. */
function entriesOf(reply: unknown): [string, Map<string, string>][] {
  const streams = Array.isArray(reply)
    ? reply.map((stream: unknown) => (stream as [string, unknown])[1])
    : Object.values((reply ?? {}) as Record<string, unknown>);
  return (streams.flat(1) as [string, string[]][]).map(([id, flat]) => {
    const fields = new Map<string, string>();
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
    return [id, fields];
  });
}
