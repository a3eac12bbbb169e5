import '@understudy/testkit/matchers';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { type LabEvent, startLab } from '@understudy/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SHORT } from './settings.ts';

/** For so long the standbys go on looking at the one lock node that is left: longer than a lease. */
const DARK_SECONDS = 1.5;

let directory: string;
const servers = new Map<string, RedisServer>();

async function start(name: string, port?: number): Promise<RedisServer> {
  const executable = findRedisServer(process.cwd(), process.env)?.path ?? 'redis-server';
  const server = await launchRedisServer({
    executable,
    directory: join(directory, name),
    ...(port === undefined ? {} : { port }),
  });
  servers.set(name, server);
  return server;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-locks-'));
});

afterEach(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  servers.clear();
  await rm(directory, { recursive: true, force: true });
});

/** Collects the events of a run, and says when one comes that `wanted` describes. */
class Witness {
  readonly events: LabEvent[] = [];
  readonly #waiting: { wanted: (event: LabEvent) => boolean; seen: () => void }[] = [];

  readonly observe = (event: LabEvent): void => {
    this.events.push(event);
    for (const { wanted, seen } of this.#waiting) if (wanted(event)) seen();
  };

  next(wanted: (event: LabEvent) => boolean): Promise<void> {
    return new Promise((seen) => this.#waiting.push({ wanted, seen }));
  }

  get elections(): number {
    return this.events.filter(isElection).length;
  }
}

/** Resolves when commands have come to the server on `port` for `seconds`, by its own clock. */
function lookedAtFor(port: number, seconds: number): Promise<void> {
  // ioredis 6 does not understand what MONITOR says; it is one line a command: `+1795460524.52 …`.
  const socket = createConnection(port, '127.0.0.1', () => socket.write('MONITOR\r\n'));
  return new Promise<void>((resolve, reject) => {
    let first: number | undefined;
    socket.once('error', reject);
    createInterface(socket).on('line', (line) => {
      const time = Number(/^\+(\d+\.\d+) /.exec(line)?.[1] ?? NaN);
      if (Number.isNaN(time)) return;
      first ??= time;
      if (time - first >= seconds) resolve();
    });
  }).finally(() => socket.destroy());
}

function isElection(event: LabEvent): boolean {
  return 'op' in event && event.op === 'state' && event.state === 'active';
}

function isStepDown(event: LabEvent): boolean {
  return 'op' in event && event.op === 'state' && event.state === 'passive';
}

it('two of three lock nodes down: nobody new leads, nothing is committed twice, and work resumes when one returns', async () => {
  const data = await start('data');
  const locks = [await start('lock-1'), await start('lock-2'), await start('lock-3')] as const;
  await using lab = await startLab({
    ...SHORT,
    mode: 'active-passive',
    redis: { dataUrl: data.url, lockUrls: locks.map(({ url }) => url) },
  });
  const witness = new Witness();
  const atWork = witness.next(
    (event) => 'op' in event && event.op === 'effect' && event.position === 80,
  );
  const running = lab.run({ jobs: 300, seed: 1, onEvent: witness.observe });

  await atWork;
  const steppedDown = witness.next(isStepDown);
  for (const { child } of locks.slice(1)) child.kill('SIGKILL');
  await steppedDown;
  const before = witness.elections;
  await lookedAtFor(locks[0].port, DARK_SECONDS);
  expect(witness.elections).toBe(before);
  const elected = witness.next(isElection);
  await start('lock-2', locks[1].port);
  await elected;

  const run = await running;
  expect(run).toBeExactlyOnce();
  expect(run).toHaveOneEffectiveLeader();
  expect(run.counts?.effects).toBe(300);
});
