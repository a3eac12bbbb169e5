import { fileURLToPath } from 'node:url';
import '@understudy/testkit/matchers';
import { defineSystem, startLab } from '@understudy/testkit';
import { commandConnection, type CommandConnection } from '@understudy/redis';
import { expect, expectTypeOf, it } from 'vitest';

type Options = Parameters<typeof startLab>[0];

const command = (name: string): string[] => [
  process.execPath,
  fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url)),
];

it('a bare worker by its command: a job that is enqueued twice takes effect twice, and the test says so', async () => {
  await using lab = await startLab({ worker: command('bullmq-worker'), nodes: 2 });
  const run = await lab.run({ jobs: 60, rate: 200, duplicates: 0.2 });
  expect(run).toMatchObject({ mode: 'active-active', lane: 'bullmq' });
  expect(run).toBeRefutedBy('duplicated');
  expect(run).not.toBeExactlyOnce();
});

it('a system by its hooks: another queue, another sink', async () => {
  let connection: CommandConnection | undefined;
  const redis = (): CommandConnection['redis'] => {
    if (!connection) throw new TypeError('not set up');
    return connection.redis;
  };
  const system = defineSystem({
    nodes: { command: command('list-worker') },
    async setUp({ redisUrl }) {
      connection = commandConnection(redisUrl, { name: 'test:system' });
      await connection.ready();
    },
    enqueue: ({ id }, { prefix }) => redis().rpush(`${prefix}:jobs`, id),
    async readEffects({ prefix }) {
      const done = await redis().hgetall(`${prefix}:done`);
      return Object.entries(done).map(([job, node]) => ({ job, node }));
    },
    tearDown: () => connection?.[Symbol.asyncDispose](),
  });
  await using lab = await startLab({ system, nodes: 2 });
  const run = await lab.run({ jobs: 60, rate: 200, duplicates: 0.2 });
  expect(run.counts).toMatchObject({ accepted: 60, ok: 60, duplicated: 0 });
  expect(run).toBeExactlyOnce();
  expect(run.lane).toBe('system');
});

it('a mode has to be said of this repository’s worker, and a worker and a system are not given both', () => {
  expectTypeOf<{ nodes: number }>().not.toExtend<Options>();
  expectTypeOf<{ worker: string; nodes: number }>().toExtend<Options>();
  expectTypeOf<{
    worker: string;
    system: ReturnType<typeof defineSystem>;
  }>().not.toExtend<Options>();
});
