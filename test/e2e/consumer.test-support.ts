import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** What npm tells the scripts that it runs of itself, and is none of another project's business. */
const OF_NPM_RUN = /^npm_(?!config_(registry|cache|userconfig|globalconfig|cafile|.*proxy)$)/i;
const SETTINGS = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** How a program ended, and all it said. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project outside of the repository that has the packed packages installed. */
export interface Consumer extends AsyncDisposable {
  readonly root: string;
  /** The paths of the tarballs. */
  readonly tarballs: readonly string[];
  /** Writes a file of the project. */
  write(path: string, text: string): Promise<void>;
  /** Runs a program there to its end: one of its packages, or of this machine. */
  run(
    program: string,
    words: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<Ended>;
}

/**
 * Packs the packages, and installs all of them and `others` into a new project, as somebody would
 * who has nothing but the tarballs.
 * @param manifest of the project
 * @param others with their versions: `typescript@~6.0.3`
 */
export async function aConsumer(
  manifest: Readonly<Record<string, unknown>>,
  others: readonly string[],
): Promise<Consumer> {
  const place = await mkdtemp(join(tmpdir(), 'understudy-consumer-'));
  const [root, packed] = [join(place, 'shop'), join(place, 'packed')];
  try {
    await mkdir(root);
    await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
    const script = join(REPOSITORY, 'scripts', 'pack.mjs');
    await succeed(run(process.execPath, [script, '--out', packed], root));
    const tarballs = (await readdir(packed)).map((name) => join(packed, name));
    await succeed(run('npm', ['install', ...SETTINGS, ...tarballs, ...others], root));
    return {
      root,
      tarballs,
      write: async (path, text) => {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      },
      run: (program, words, environment) => run(program, words, root, environment),
      [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(place, { recursive: true, force: true });
    throw error;
  }
}

function run(
  program: string,
  words: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !OF_NPM_RUN.test(name));
  const { FORCE_COLOR, NO_COLOR, NODE_OPTIONS, VITEST, ...own } = Object.fromEntries(inherited);
  const redis = findRedisServer(REPOSITORY, process.env)?.path;
  const bins = [join(cwd, 'node_modules', '.bin'), dirname(process.execPath), own.PATH];
  const env = {
    ...own,
    PATH: bins.join(delimiter),
    ...(redis ? { REDIS_SERVER: redis } : {}),
    ...environment,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      words,
      { cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, stdout, stderr });
        else reject(error ?? new Error(`${program} did not end`));
      },
    );
    child.stdin?.end();
  });
}

async function succeed(running: Promise<Ended>): Promise<void> {
  const { status, stdout, stderr } = await running;
  if (status !== 0) throw new Error(`it ended with ${status}: ${stdout}${stderr}`);
}
