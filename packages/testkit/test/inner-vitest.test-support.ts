import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));
const VITEST = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

/** A folder of its own, in which the labs of the inner tests keep their runs. */
export interface FixtureRoot extends AsyncDisposable {
  readonly path: string;
  readonly runs: string;
}

/** Makes one; disposing removes it. */
export async function fixtureRoot(): Promise<FixtureRoot> {
  const path = await mkdtemp(join(tmpdir(), 'understudy-kit-'));
  const runs = join(path, '.understudy', 'runs');
  await mkdir(runs, { recursive: true });
  return {
    path,
    runs,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** What vitest says of the tests of one file. */
export interface InnerFile {
  readonly name: string;
  readonly status: 'passed' | 'failed';
  readonly message: string;
  readonly assertionResults: readonly {
    readonly title: string;
    readonly status: 'passed' | 'failed';
    readonly failureMessages: readonly string[];
  }[];
}

/** Runs fixtures in a vitest of their own, as somebody's test files. */
export async function runFixtures(
  names: readonly string[],
  root: FixtureRoot,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly files: readonly InnerFile[] }> {
  const redis = findRedisServer(process.cwd(), process.env)?.path;
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^TEST$/.test(name));
  const output = join(root.path, 'vitest.json');
  const child = spawn(
    process.execPath,
    [
      ...[VITEST, 'run', '--config', join(FIXTURES, 'vitest.config.ts')],
      ...['--reporter', 'json', '--outputFile', output],
      ...names.map((name) => join(FIXTURES, `${name}.fixture.ts`)),
    ],
    {
      cwd: FIXTURES,
      env: {
        ...Object.fromEntries(inherited),
        ...(redis ? { REDIS_SERVER: redis } : {}),
        FIXTURE_ROOT: root.path,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const document = await readFile(output, 'utf8').catch(() => undefined);
  if (document === undefined) throw new TypeError(`vitest ended with ${status}: ${said}`);
  const { testResults } = JSON.parse(document) as { testResults: InnerFile[] };
  return { status, files: testResults };
}
