import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';

/** The program `understudy`. */
export const BIN = fileURLToPath(new URL('../../chaos/bin/understudy.mjs', import.meta.url));

/** How a command ended, and all it said. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves with what matches in one of its outputs; rejects if it ends before there is any. */
  said(pattern: RegExp, where?: 'stdout' | 'stderr'): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Presses Enter. */
  enter(): void;
}

/** A folder in which `understudy` is run, with runs of its own. */
export interface Place extends AsyncDisposable {
  readonly root: string;
  /** Where its runs are kept. */
  readonly runs: string;
  /** Starts `understudy` there. */
  start(words: readonly string[], environment?: Readonly<Record<string, string>>): Running;
  /** Runs `understudy` there to its end. */
  understudy(
    words: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<Ended>;
}

/** Makes an empty folder; disposing removes it with all that was run there. */
export async function aPlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'understudy-e2e-'));
  const runs = join(root, '.understudy', 'runs');
  await mkdir(runs, { recursive: true });
  const begin: Place['start'] = (words, environment = {}) => start(words, root, environment);
  return {
    root,
    runs,
    start: begin,
    understudy: (words, environment) => begin(words, environment).ended,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

function start(
  words: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Running {
  const redis = findRedisServer(process.cwd(), process.env)?.path;
  // What the test runner sets about colours is none of the command's business.
  const { FORCE_COLOR, NO_COLOR, ...inherited } = process.env;
  const child = spawn(process.execPath, [BIN, ...words], {
    cwd,
    env: { ...inherited, ...(redis ? { REDIS_SERVER: redis } : {}), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    said: (pattern, where = 'stderr') =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(where === 'stderr' ? stderr : stdout);
          if (match) resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(() =>
          reject(new Error(`it ended without saying ${pattern}: ${stdout}${stderr}`)),
        );
      }),
    signal: (name) => void child.kill(name),
    enter: () => void child.stdin.write('\n'),
  };
}
