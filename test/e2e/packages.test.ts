import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runResultSchema } from 'understudy';
import { aConsumer, type Consumer } from './consumer.test-support.ts';

// Compiling and installing are most of it.
const INSTALL_LIMIT_MS = 300_000;
const COMPILE_LIMIT_MS = 180_000;

let shop: Consumer;
beforeAll(async () => {
  const others = await Promise.all(
    ['typescript', 'vitest', '@types/node', 'bullmq', 'ioredis'].map(asHere),
  );
  shop = await aConsumer({ name: 'shop', private: true, type: 'module' }, others);
}, INSTALL_LIMIT_MS);
afterAll(() => shop?.[Symbol.asyncDispose]());

/** A package of the registry in the version that this repository has, which npm has in its cache. */
async function asHere(name: string): Promise<string> {
  return `${name}@${(await manifestIn(join('node_modules', name))).version}`;
}

type Manifest = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
};

async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function ours(): Promise<readonly Manifest[]> {
  const { dependencies = {} } = await manifestIn(shop.root);
  const packed = Object.entries(dependencies).filter(([, from]) => from.startsWith('file:'));
  return Promise.all(packed.map(([name]) => manifestIn(join(shop.root, 'node_modules', name))));
}

it('publint has nothing against any of the packages', async () => {
  const said = await Promise.all(
    shop.tarballs.map(async (path) => {
      const file = await readFile(path);
      const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
      const { messages, pkg } = await publint({ pack: { tarball } });
      return messages.map((message) => `${path}: ${formatMessage(message, pkg ?? {})}`);
    }),
  );
  expect(said.length).toBeGreaterThan(8);
  expect(said.flat()).toEqual([]);
});

it('each has a licence, a page about itself, and no TypeScript but types', async () => {
  const { stdout } = await shop.run('npm', [
    'query',
    '[name^="@understudy/"], [name="understudy"]',
  ]);
  const folders = (JSON.parse(stdout) as { path: string }[]).map(({ path }) => path);
  expect(folders.length).toBe(shop.tarballs.length);
  for (const folder of folders) {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    expect(readme).toMatch(/^# /);
    // What is outside of a package is not there for its reader.
    expect(readme).not.toMatch(/\]\(\.\.\//);
    expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toMatch(/^MIT License/);
    const { stdout: sources } = await shop.run('find', [folder, '-name', '*.ts']);
    expect(sources.split('\n').filter((path) => /(?<!\.d)\.ts$/.test(path))).toEqual([]);
  }
});

it('packages of ours need each other in the version they were made with', async () => {
  const packages = await ours();
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const needs = packages.flatMap(({ dependencies = {} }) => Object.entries(dependencies));
  const between = needs.filter(([name]) => versions.has(name));
  expect(between.length).toBeGreaterThan(10);
  for (const [name, range] of between) expect([name, range]).toEqual([name, versions.get(name)]);
  expect(packages.filter((manifest) => manifest.private === true)).toEqual([]);
});

it('npx understudy list shows what there is', async () => {
  const { status, stdout } = await shop.run('npx', ['understudy', 'list']);
  expect(stdout).toMatch(/kill-leader/);
  expect(status).toBe(0);
});

it('npx understudy run works in an empty project, with the worker that comes along', async () => {
  const words = ['understudy', 'run', 'calm', '--mode', 'active-passive', '--jobs', '50'];
  const { status, stdout, stderr } = await shop.run('npx', [...words, '--reporter', 'json']);
  expect(status, stderr).toBe(0);
  const result = runResultSchema.parse(JSON.parse(stdout));
  expect(result).toMatchObject({ status: 'pass', counts: { effects: 50 } });
  // The runs are the project's.
  expect(result.directory.startsWith(join(shop.root, '.understudy', 'runs'))).toBe(true);
});

it('a fault on a link finds its proxy, and one within a node its way in', async () => {
  await shop.write(
    'experiments/both.ts',
    `import { afterEffects, type Experiment, onceHealed } from 'understudy';
     export default {
       name: 'both',
       shows: 'a slow link, then a blocked event loop',
       expects: 'every job takes effect once',
       schedule: ({ jobs }) => [
         afterEffects(Math.floor(jobs / 4)).latency('leader', { for: '200ms' }),
         onceHealed().stall('leader', { for: '200ms' }),
       ],
     } satisfies Experiment;`,
  );
  const words = ['understudy', 'run', './experiments/both.ts', '--mode', 'active-active'];
  const { status, stdout, stderr } = await shop.run('npx', [
    ...words,
    // So slowly that there is work left for the second fault.
    ...['--jobs', '200', '--rate', '100', '--reporter', 'json'],
  ]);
  expect(status, stderr).toBe(0);
  const { faults, experiment } = runResultSchema.parse(JSON.parse(stdout));
  expect(experiment).toBe('both');
  expect(faults.map(({ fault, landed }) => [fault, landed])).toEqual([
    ['latency', true],
    ['stall', true],
  ]);
});

it('without a redis-server doctor says where to get one, and names no script of the repository', async () => {
  const bin = join(shop.root, 'node_modules', 'understudy', 'bin', 'understudy.mjs');
  const nowhere = { PATH: '', REDIS_SERVER: '' };
  const { status, stdout } = await shop.run(process.execPath, [bin, 'doctor'], nowhere);
  expect(status).toBe(69);
  expect(stdout).toMatch(/redis-server +PROBLEM[^]*apt install redis-server/);
  expect(stdout).not.toMatch(/setup\.mjs/);
});

it('observe, whose containers are not packed, is refused with the reason', async () => {
  const { status, stderr } = await shop.run('npx', ['understudy', 'observe']);
  expect(status).toBe(64);
  expect(stderr).toMatch(/not part of the package/);
});

it(
  'a TypeScript project is checked against the packed types, those of the packages included',
  { timeout: COMPILE_LIMIT_MS },
  async () => {
    await shop.write('tsconfig.json', JSON.stringify(TSCONFIG));
    await shop.write('shop.test.ts', CONSUMER);
    const { status, stdout } = await shop.run('tsc', ['--noEmit', '-p', '.']);
    expect(stdout).toBe('');
    expect(status).toBe(0);
  },
);

it('what init writes passes as it stands, and is not written twice', async () => {
  const { status, stdout, stderr } = await shop.run('npx', ['understudy', 'init']);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/npx vitest run understudy\n/);
  // All it needs is installed here.
  expect(stdout).not.toMatch(/npm install/);
  const calm = ['understudy', 'run', 'calm', '--system', '--jobs', '50', '--reporter', 'json'];
  const run = await shop.run('npx', calm);
  expect(run.status, run.stderr).toBe(0);
  const tests = await shop.run('npx', ['vitest', 'run', 'understudy']);
  expect(tests.stdout + tests.stderr).toMatch(/1 passed/);
  expect(tests.status).toBe(0);
  const again = await shop.run('npx', ['understudy', 'init']);
  expect(again.status).toBe(64);
  expect(again.stderr).toMatch(/understudy\.config\.ts, understudy\/worker\.ts/);
});

const TSCONFIG = {
  compilerOptions: {
    ...{ target: 'es2024', module: 'nodenext', moduleResolution: 'nodenext', strict: true },
    ...{ lib: ['es2024', 'esnext.disposable'], types: ['node'], noEmit: true },
    ...{ allowImportingTsExtensions: true, skipLibCheck: false },
  },
  include: ['*.ts', 'experiments'],
};

const CONSUMER = `
import '@understudy/testkit/matchers';
import { afterEffects, startLab } from '@understudy/testkit';
import { defineWorker, settingsFromEnvironment, startWorker } from '@understudy/worker';
import { type RunResult, runResultSchema } from 'understudy';
import { expect, test } from 'vitest';

interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

export const payments = defineWorker<Payment>({
  queue: 'payments',
  async handle(job, { credit, signal }) {
    signal.throwIfAborted();
    credit(job.data.account, job.data.amountCents);
  },
});

export const start = (): Promise<void> =>
  startWorker(payments, { settings: settingsFromEnvironment(process.env) }).done;

// The types are there, and are not any: a slip is found, or this would be one.
// @ts-expect-error there is no such mode
export const slip = startLab({ mode: 'active' });

test('a killed leader is replaced', async () => {
  await using lab = await startLab({ mode: 'active-passive', nodes: 3 });
  const run: RunResult = await lab.run({ jobs: 50, schedule: [afterEffects(9).kill('leader')] });
  expect(run).toBeExactlyOnce();
  expect(run).toFailOverWithin(500);
  expect(runResultSchema.parse(run).seed).toBe(1);
});
`;
