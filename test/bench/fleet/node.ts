import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { invariant, systemClock } from '@understudy/runtime';
import { startChild } from '../children.ts';
import { ROOT } from './servers.ts';

const WORKER = join(ROOT, 'services/worker/src/main.ts');
const INSIDE = new URL('./inside-node.ts', import.meta.url).href;
/** As the lab starts its nodes, and as docs/production.md says. */
const NODE_OPTIONS = ['--max-semi-space-size=4', '--heap-growing-percent=15'];

/** A node of the bench's fleet, as seen through what it prints. */
export interface BenchNode {
  readonly id: string;
  readonly child: ChildProcess;
  state: string;
  /** It has said that it is ready: what it does at its start is over. */
  ready: boolean;
  /** Monotonic ms at which it last became active. */
  activeSinceMs: number;
  /** How often it became active. */
  timesActive: number;
  /** Jobs it began and whose effect was not seen yet. */
  readonly attempts: Set<string>;
  readonly exited: Promise<void>;
  /** Monotonic ms of when its standard output was closed: for a dead process by the kernel. */
  readonly closed: Promise<number>;
}

/** What the bench makes of what a node prints. */
export interface NodeListener {
  /** Whether an effect of the job was seen: what a node says may come later than its effect. */
  isDone(job: string): boolean;
  onChange(): void;
}

/** Starts a worker process. */
export function startNode(
  id: string,
  environment: Readonly<Record<string, string>>,
  listener: NodeListener,
): BenchNode {
  const child = startChild(process.execPath, [...NODE_OPTIONS, '--import', INSIDE, WORKER], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      NODE_COMPILE_CACHE: join(ROOT, '.understudy', 'compile-cache'),
      ...process.env,
      UNDERSTUDY_NODE_ID: id,
      LOG_LEVEL: 'silent',
      ...environment,
    },
  });
  const { stdout } = child;
  invariant(stdout, 'stdout is a pipe');
  const node: BenchNode = {
    ...{ id, child, state: 'starting', ready: false, activeSinceMs: 0, timesActive: 0 },
    attempts: new Set(),
    exited: new Promise((resolve) => child.once('close', () => resolve())),
    closed: new Promise((resolve) => {
      stdout.once('end', () => resolve(systemClock.monotonicMs()));
    }),
  };
  const enter = (state: string): void => {
    node.state = state;
    if (state === 'active') {
      node.activeSinceMs = systemClock.monotonicMs();
      node.timesActive += 1;
    }
    listener.onChange();
  };
  void node.exited.then(() => enter('down'));
  createInterface({ input: stdout }).on('line', (line) => {
    if (!line.startsWith('@understudy ')) return;
    const event = JSON.parse(line.slice('@understudy '.length)) as Record<string, unknown>;
    if (event.event === 'attempt') {
      const job = String(event.job);
      if (!listener.isDone(job)) node.attempts.add(job);
    } else if (event.event === 'ready') {
      node.ready = true;
      listener.onChange();
    } else if (event.event === 'state') enter(String(event.state));
  });
  return node;
}
