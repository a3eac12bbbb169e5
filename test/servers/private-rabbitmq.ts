import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freePort } from '@understudy/redis';
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import amqp from 'amqplib';

const OWN = fileURLToPath(new URL('../../.understudy/bin', import.meta.url));
const INSTALLED = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const ASK_MS = 100;
const START_LIMIT_MS = 60_000;

/** The programs of a RabbitMQ, and the folder in which its `erl` is found first. */
export interface RabbitmqPrograms {
  readonly server: string;
  readonly epmd: string;
  readonly erlangFolder: string;
}

/** A RabbitMQ of one's own, on loopback. Disposing ends it and removes its data. */
export interface PrivateRabbitmq extends AsyncDisposable {
  readonly url: string;
  /** As it names itself to its clients. */
  readonly version: string;
}

/** An installed RabbitMQ, else the one that setup unpacked; undefined if there is neither. */
export function findRabbitmq(): RabbitmqPrograms | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const erlangFolder = folders.find((folder) => existsSync(join(folder, 'erl')));
  const installed = { server: INSTALLED, epmd: join(erlangFolder ?? '', 'epmd') };
  if (erlangFolder !== undefined && existsSync(INSTALLED) && existsSync(installed.epmd)) {
    return { ...installed, erlangFolder };
  }
  const own = { server: join(OWN, 'rabbitmq-server'), epmd: join(OWN, 'epmd'), erlangFolder: OWN };
  return existsSync(own.server) && existsSync(own.epmd) ? own : undefined;
}

/**
 * Starts a node with a data directory, a name, ports and a port mapper (epmd) of its own.
 * @param onSpawn told of each process as soon as it is there; both lead a process group
 * @throws {TypeError} where this machine has no RabbitMQ, or it does not start
 */
export async function startRabbitmq(
  onSpawn: (child: ChildProcess) => void = () => undefined,
): Promise<PrivateRabbitmq> {
  const found = findRabbitmq();
  if (!found) throw new TypeError('there is no RabbitMQ: `node scripts/setup.mjs --with rabbitmq`');
  const directory = mkdtempSync(join(tmpdir(), 'understudy-rabbitmq-'));
  const [port, epmdPort, distributionPort] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...environmentOf(directory),
    PATH: `${found.erlangFolder}${delimiter}${process.env.PATH ?? ''}`,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_NODENAME: `understudy-${process.pid}-${port}@localhost`,
  };
  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]): ChildProcess => {
    const child = spawn(program, args, {
      ...{ cwd: directory, env, detached: true },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    onSpawn(child);
    return child;
  };
  const end = async (): Promise<void> => {
    await Promise.all(children.map(endGroup));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    start(found.epmd, ['-port', String(epmdPort), '-address', '127.0.0.1']);
    await listening(epmdPort);
    const server = start(found.server, []);
    let said = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    }
    const url = `amqp://guest:guest@127.0.0.1:${port}`;
    return { url, version: await answering(url, server, () => said), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Everything that would else be shared with a RabbitMQ that is installed. */
function environmentOf(directory: string): Record<string, string> {
  const [data, logs] = [join(directory, 'data'), join(directory, 'logs')];
  for (const folder of [data, logs]) mkdirSync(folder);
  const [configuration, plugins] = [join(directory, 'rabbitmq.conf'), join(directory, 'plugins')];
  writeFileSync(configuration, 'loopback_users.guest = true\n');
  writeFileSync(plugins, '[].\n');
  return {
    // Where Erlang makes the cookie that its nodes know each other by.
    HOME: directory,
    LANG: 'C.UTF-8',
    RABBITMQ_CONF_ENV_FILE: join(directory, 'none'),
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: data,
    RABBITMQ_LOG_BASE: logs,
    RABBITMQ_PID_FILE: join(directory, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
}

async function listening(port: number): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + START_LIMIT_MS;
  while (systemClock.monotonicMs() < deadlineMs) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (connected) return;
    await sleep(systemTimers, ASK_MS);
  }
  throw new TypeError(`the port mapper of Erlang (epmd) does not listen on port ${port}`);
}

/** Its version, as soon as it answers. */
async function answering(url: string, server: ChildProcess, said: () => string): Promise<string> {
  const deadlineMs = systemClock.monotonicMs() + START_LIMIT_MS;
  while (server.exitCode === null && systemClock.monotonicMs() < deadlineMs) {
    try {
      const connection = await amqp.connect(url);
      const { version } = connection.connection.serverProperties;
      await connection.close();
      return version;
    } catch {
      await sleep(systemTimers, ASK_MS);
    }
  }
  throw new TypeError(`RabbitMQ did not start:\n${said()}`);
}

/** The script that starts the server waits for it: both are of one process group. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}
