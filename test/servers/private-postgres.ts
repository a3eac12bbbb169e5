import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freePort } from '@understudy/redis';
import { systemTimers } from '@understudy/runtime';
import pg from 'pg';

const OWN = fileURLToPath(new URL('../../.understudy/bin', import.meta.url));
const DEBIANS = '/usr/lib/postgresql';

/** The two programs of a PostgreSQL that are needed here. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** A PostgreSQL of one's own, on loopback. Disposing ends it and removes its data. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly url: string;
}

/**
 * Makes a cluster in a directory of its own and starts it on a free port of loopback.
 * @param onSpawn told of the server's process as soon as it is there
 * @throws {TypeError} where this machine has no PostgreSQL, or it does not start
 */
export async function startPostgres(
  onSpawn: (server: ChildProcess) => void = () => undefined,
): Promise<PrivatePostgres> {
  const found = findPostgres();
  if (!found)
    throw new TypeError('there is no PostgreSQL: `node scripts/setup.mjs --with postgresql`');
  const directory = mkdtempSync(join(tmpdir(), 'understudy-postgres-'));
  // PostgreSQL refuses to be root's: then its data and its processes are those of nobody.
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in who) chownSync(directory, NOBODY, NOBODY);
  chmodSync(directory, 0o700);
  const data = join(directory, 'data');
  const common = { cwd: directory, ...who };
  execFileSync(
    found.initdb,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...common, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await freePort();
  const server = spawn(
    found.postgres,
    [
      ...['-D', data, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1'],
      // What is lost when the machine loses power is no matter here.
      ...['-c', 'fsync=off', '-c', 'max_connections=100'],
    ],
    { ...common, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onSpawn(server);
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await answering(url, server, () => said);
  } catch (error) {
    await end(server, directory);
    throw error;
  }
  return { url, [Symbol.asyncDispose]: () => end(server, directory) };
}

const NOBODY = 65_534;
const ASK_MS = 50;

async function answering(url: string, server: ChildProcess, said: () => string): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new TypeError(`PostgreSQL did not start:\n${said()}`);
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch {
      await new Promise<void>((resolve) => systemTimers.after(ASK_MS, resolve));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function end(server: ChildProcess, directory: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit');
    // At once, whoever is connected.
    server.kill('SIGINT');
    await ended;
  }
  rmSync(directory, { recursive: true, force: true });
}

/** `initdb` and `postgres`: on PATH, where Debian keeps them beside it, or unpacked by setup. */
export function findPostgres(): PostgresPrograms | undefined {
  const versions = existsSync(DEBIANS) ? readdirSync(DEBIANS) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIANS, version, 'bin')),
    OWN,
  ];
  const folder = folders.find(
    (each) => existsSync(join(each, 'initdb')) && existsSync(join(each, 'postgres')),
  );
  return folder === undefined
    ? undefined
    : { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}
