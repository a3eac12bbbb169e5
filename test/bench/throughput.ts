import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer, groupKeys, launchRedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { quantile, type Row } from './distribution.ts';
import type { Progress } from './takeover.ts';

const JOBS = 20_000;
const ROUNDS = 3;
const CONCURRENCIES = [10, 50, 100];
const root = fileURLToPath(new URL('../..', import.meta.url));
const childMain = fileURLToPath(new URL('./throughput-child.ts', import.meta.url));

interface Answer {
  perSecond: number;
  effects: number;
  left: Record<string, number>;
}

/**
 * Effects a second of one process against jobs a second of a bare BullMQ worker, each at its best
 * concurrency, on the same server, in turns.
 */
export async function throughput(progress: Progress): Promise<Row> {
  const directory = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  const executable = findRedisServer(root, process.env)?.path;
  invariant(executable, 'a redis-server is installed (run npm start once)');
  const server = await launchRedisServer({ executable, directory });
  const figures = { ours: new Map<number, number[]>(), bare: new Map<number, number[]>() };
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      for (const concurrency of CONCURRENCIES) {
        for (const side of ['ours', 'bare'] as const) {
          const perSecond = await measure(server.url, side, concurrency);
          figures[side].set(concurrency, [...(figures[side].get(concurrency) ?? []), perSecond]);
        }
        progress(`throughput: round ${round}/${ROUNDS}, concurrency ${concurrency}`);
      }
    }
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const [ours, bare] = [best(figures.ours), best(figures.bare)];
  const ratio = ours.perSecond / bare.perSecond;
  return {
    what: 'committed effects a second in one process ÷ jobs a second of a bare BullMQ worker',
    ours: `${ours.perSecond.toFixed(0)}/s at concurrency ${ours.concurrency}`,
    peer: `bare BullMQ: ${bare.perSecond.toFixed(0)}/s at concurrency ${bare.concurrency}`,
    ratio: ratio.toFixed(2),
    n: ROUNDS,
    target: '≥ 0.5',
    held: ratio >= 0.5,
  };
}

/** The concurrency with the best median. */
function best(figures: Map<number, number[]>): { concurrency: number; perSecond: number } {
  return [...figures]
    .map(([concurrency, values]) => ({ concurrency, perSecond: quantile(values, 0.5) }))
    .reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
}

async function measure(url: string, side: 'ours' | 'bare', concurrency: number): Promise<number> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  await connection.flushall();
  const keys = groupKeys('bench');
  const queue = new Queue('payments', { connection, prefix: keys.queuePrefix });
  for (let from = 0; from < JOBS; from += 1000) {
    await queue.addBulk(
      Array.from({ length: 1000 }, (_, i) => ({ name: 'job', data: { id: `b-${from + i}` } })),
    );
  }
  await queue.close();
  connection.disconnect();
  const answer = await runChild([side, String(JOBS)], {
    REDIS_URL: url,
    UNDERSTUDY_NODE_ID: 'node-1',
    UNDERSTUDY_GROUP: keys.group,
    UNDERSTUDY_MODE: 'active-active',
    UNDERSTUDY_PREFIX: keys.queuePrefix,
    UNDERSTUDY_EFFECTS: keys.effects,
    UNDERSTUDY_CONCURRENCY: String(concurrency),
  });
  const left = Object.values(answer.left).reduce((sum, n) => sum + n, 0);
  invariant(left === 0, `${side} left ${left} jobs undone`);
  invariant(side === 'bare' || answer.effects === JOBS, `one effect a job, not ${answer.effects}`);
  return answer.perSecond;
}

function runChild(args: string[], environment: Record<string, string>): Promise<Answer> {
  const child = spawn(process.execPath, [childMain, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Answer);
      else reject(new Error(`the measured process exited with ${code}`));
    });
  });
}
