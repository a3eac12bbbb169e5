import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { messageOf, sleep, systemClock, systemTimers } from '@understudy/runtime';
import { connect } from './connect.ts';
import { RedisServerFailed } from './errors.ts';

/** How much a private server survives: `none` forgets all, `everysec` up to a second, `always` nothing. */
export type Persistence = 'none' | 'everysec' | 'always';

/** Options of `launchRedisServer`. */
export interface LaunchOptions {
  /** The executable; see `findRedisServer`. */
  executable: string;
  /** A directory of the server's own, for its data and `redis.log`. Created when missing. */
  directory: string;
  /** Default: a free port of the loopback interface. A port given is the port used. */
  port?: number;
  persistence?: Persistence;
  /**
   * Called when the process is there, before it runs the server: to note it for clean-up. If it
   * throws, or its process ends, no server was started.
   */
  onSpawn?: (child: ChildProcess) => void;
}

/** A running private server, on the loopback interface only. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves with exit code or signal once the process is gone. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends the process (SIGTERM; its data is written as its persistence says) and waits. */
  stop(): Promise<void>;
}

/** Its data may have to be loaded; a server that cannot start ends by itself, and much sooner. */
const START_LIMIT_MS = 60_000;
const PORT_TRIES = 5;

/** The process waits here until it is noted; `exec` keeps pid and start time. */
const GATE = 'read -r go && exec "$@" </dev/null';

/**
 * Starts a private redis-server in its own process group and waits until it answers.
 * @throws {RedisServerFailed} when it cannot be started, exits, or does not answer within 60 s
 */
export async function launchRedisServer(options: LaunchOptions): Promise<RedisServer> {
  mkdirSync(options.directory, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return await launchOnce(options, port);
    } catch (error) {
      // Between finding a port free and binding it another process may have taken it.
      const taken = readLog(options.directory).includes('Address already in use');
      if (!taken || options.port !== undefined || attempt === PORT_TRIES) throw error;
    }
  }
}

async function launchOnce(options: LaunchOptions, port: number): Promise<RedisServer> {
  const log = openSync(join(options.directory, 'redis.log'), 'w');
  const server = [options.executable, ...serverArguments(options, port)];
  const child = spawn('/bin/sh', ['-c', GATE, 'understudy-gate', ...server], {
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  if (child.pid !== undefined) openGate(child, options.onSpawn);
  const url = `redis://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
    }
    await exited;
  };
  const gone = new AbortController();
  void exited.then(() => gone.abort());
  if (await answers(url, realpathSync(options.directory), gone.signal)) {
    const pid = child.pid as number;
    return { url, port, pid, child, exited, stop, [Symbol.asyncDispose]: stop };
  }
  if (child.pid !== undefined) await stop();
  const why = failure ? messageOf(failure) : readLog(options.directory).trim().slice(-600);
  throw new RedisServerFailed(
    `${options.executable} did not start on port ${port}: ${why || `it did not answer within ${START_LIMIT_MS / 1000} s`}. Run \`understudy doctor\`, or set REDIS_SERVER to a working redis-server.`,
    { cause: failure, context: { port } },
  );
}

function openGate(child: ChildProcess, onSpawn: LaunchOptions['onSpawn']): void {
  // A process that is gone already shows as an exit, not here.
  child.stdin?.on('error', () => undefined);
  try {
    onSpawn?.(child);
    child.stdin?.end('go\n');
  } catch (error) {
    child.stdin?.end();
    throw error;
  }
}

function serverArguments(options: LaunchOptions, port: number): string[] {
  const persistence = options.persistence ?? 'none';
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', options.directory],
    ...['--save', '', '--appendonly', persistence === 'none' ? 'no' : 'yes'],
    ...['--appendfsync', persistence === 'always' ? 'always' : 'everysec'],
    ...['--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
  ];
}

async function answers(url: string, directory: string, gone: AbortSignal): Promise<boolean> {
  const deadlineMs = systemClock.monotonicMs() + START_LIMIT_MS;
  const probe = connect(url, { purpose: 'command', name: 'understudy:launch' });
  try {
    while (!gone.aborted && systemClock.monotonicMs() < deadlineMs) {
      // The answer must come from this server, and another may hold the port: its working
      // directory tells them apart, also where the process runs in a container.
      const answer = await probe.config('GET', 'dir').catch(() => undefined);
      if (JSON.stringify(answer ?? '').includes(JSON.stringify(directory))) return true;
      await sleep(systemTimers, 10, gone);
    }
    return false;
  } finally {
    probe.disconnect();
  }
}

function readLog(directory: string): string {
  try {
    return readFileSync(join(directory, 'redis.log'), 'utf8');
  } catch {
    return '';
  }
}

/** A TCP port that is free on the loopback interface right now. Another may take it before use. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
