import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 60_000;

let directory: string;
let redis: RedisServer;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-compile-cache-'));
  const executable = findRedisServer(ROOT, process.env)?.path;
  invariant(executable, 'setup has found a redis-server');
  redis = await launchRedisServer({ executable, directory: join(directory, 'redis') });
});

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a node with nothing compiled; resolves when it is ready, with the state that it was in last. */
async function ready(node: string): Promise<string | undefined> {
  const child = spawn(process.execPath, [join(ROOT, 'services', 'worker', 'src', 'main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ NODE_COMPILE_CACHE: join(directory, node), UNDERSTUDY_NODE_ID: node },
      ...{ REDIS_URL: redis.url, LOCK_REDIS_URLS: redis.url, UNDERSTUDY_GROUP: 'g' },
      LOG_LEVEL: 'warn',
    },
  });
  children.push(child);
  invariant(child.stdout, 'stdout is a pipe');
  let last: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line.slice('@understudy '.length)) as { event: string; state?: string };
    if (told.event === 'ready') return last;
    last = told.state ?? last;
  }
  return last;
}

/** How many modules' code was written. */
function written(node: string): number {
  const entries = readdirSync(join(directory, node), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

test(
  'what was compiled is written down by who stands by, before it is ready, and not by who leads: it takes seconds',
  async () => {
    expect(await ready('node-1')).toBe('active');
    expect(written('node-1')).toBe(0);
    expect(await ready('node-2')).toBe('passive');
    expect(written('node-2')).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
