import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '@understudy/redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Order } from './messages.ts';
import { Peer } from './peers.test-support.ts';

const SERVICE = fileURLToPath(new URL('./service.ts', import.meta.url));
const CONTROL = fileURLToPath(new URL('./control.mjs', import.meta.url));

const directory = mkdtempSync(join(tmpdir(), 'understudy-proxy-'));
const path = join(directory, 'p.sock');
let redis: Server;
let atRedis: Peer[];
const everAtRedis: Peer[] = [];
let service: ChildProcess;
let port: number;
const peers: Peer[] = [];

beforeAll(async () => {
  redis = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = new Peer(socket);
    everAtRedis.push(peer);
    atRedis.push(peer);
  });
  await once(redis.listen(0, '127.0.0.1'), 'listening');
});
beforeEach(async () => {
  atRedis = [];
  port = await freePort();
  service = spawn(process.execPath, [SERVICE], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PROXIED_SERVERS: `data=127.0.0.1:${(redis.address() as AddressInfo).port}`,
      PROXY_HOST: '127.0.0.1',
      PROXY_FIRST_PORT: String(port),
      PROXY_CONTROL: path,
    },
  });
  await said('serving');
});
afterEach(async () => {
  for (const { socket } of [...peers.splice(0), ...atRedis]) socket.destroy();
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
afterAll(async () => {
  const closed = new Promise((resolve) => redis.close(resolve));
  // Half open, one that came when its test was over would stay for ever.
  redis.on('connection', (socket) => socket.destroy());
  for (const { socket } of everAtRedis) socket.destroy();
  await closed;
  rmSync(directory, { recursive: true });
});

/** Resolves when the service has told this event in its log. */
async function said(event: string): Promise<void> {
  if (!service.stdout) throw new TypeError('its output is read');
  const lines = createInterface({ input: service.stdout });
  for await (const line of lines) {
    if ((JSON.parse(line) as { event: string }).event === event) break;
  }
  lines.close();
}

/** Somebody who holds the control socket, greeted already. */
async function master(): Promise<Peer & { order(order: Order): void }> {
  const peer = new Peer(connect(path));
  peers.push(peer);
  await peer.until(({ received }) => received.includes('\n'));
  return Object.assign(peer, {
    order: (order: Order) => void peer.socket.write(`${JSON.stringify(order)}\n`),
  });
}

async function node(): Promise<Peer> {
  const peer = new Peer(connect(port, '127.0.0.1'));
  peers.push(peer);
  await once(peer.socket, 'connect');
  return peer;
}

/** Resolves when what the master ordered has caught something: orders and traffic come by different ways. */
async function inForce(master: Peer): Promise<void> {
  const probe = await node();
  const landed = (): string => {
    probe.socket.write('?');
    return master.received;
  };
  await expect.poll(landed).toContain('"report":"landed"');
  probe.socket.destroy();
}

const withhold: Order = {
  order: 'inject',
  id: '1',
  trouble: { kind: 'withhold', servers: ['data'], directions: ['to-redis', 'from-redis'] },
};

test('without anybody who gives orders everything passes, and the socket is its owner’s alone', async () => {
  const client = await node();
  client.socket.write('ask');
  await expect.poll(() => atRedis[0]?.received).toBe('ask');
  expect(statSync(path).mode & 0o077).toBe(0);
  expect((await master()).received).toBe(
    `{"report":"serving","servers":["data"],"ports":[${port}]}\n`,
  );
});

test('what a master put in force ends with its connection, however that ends', async () => {
  const client = await node();
  client.socket.write('1');
  await expect.poll(() => atRedis[0]?.received).toBe('1');
  const lab = await master();
  lab.order(withhold);
  await inForce(lab);
  client.socket.end('2');
  expect([atRedis[0]?.received, atRedis[0]?.ended]).toEqual(['1', false]);
  lab.socket.destroy();
  await expect.poll(() => [atRedis[0]?.received, atRedis[0]?.ended]).toEqual(['12', true]);
});

test('somebody who goes away without having listened takes nobody along', async () => {
  const deaf = new Socket();
  deaf.on('error', () => undefined);
  // What is read by nobody makes of the end of a connection a reset.
  deaf.pause();
  deaf.connect(path);
  await once(deaf, 'connect');
  const lab = await master();
  deaf.destroy();
  lab.order(withhold);
  await inForce(lab);
});

test('two masters have troubles of their own, and one that says nonsense loses only its own', async () => {
  const [first, second] = [await master(), await master()];
  for (const each of [first, second]) {
    each.order(withhold);
    await inForce(each);
  }
  const client = await node();
  client.socket.write('ask');
  first.socket.write('nonsense\n');
  await first.until(({ closed }) => closed !== undefined);
  expect(atRedis.map(({ received }) => received).join('')).not.toContain('ask');
  second.order({ order: 'heal', id: '1' });
  await second.until(({ received }) => received.includes('"report":"healed"'));
  await expect.poll(() => atRedis.map(({ received }) => received)).toContain('ask');
});

test('the program within the container hands on orders until its input ends, and then all is healed', async () => {
  const program = spawn(process.execPath, [CONTROL], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PROXY_CONTROL: path },
  });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ report: 'serving' });
  program.stdin.write(`${JSON.stringify(withhold)}\n`);
  const client = await node();
  client.socket.write('ask');
  expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ report: 'landed' });
  const exited = once(program, 'exit');
  program.stdin.end();
  expect(await exited).toEqual([0, null]);
  await expect.poll(() => atRedis[0]?.received).toBe('ask');
});

test('a health check fails where no proxy answers', async () => {
  const ask = (control: string): Promise<unknown[]> =>
    once(
      spawn(process.execPath, [CONTROL, '--health'], {
        stdio: 'ignore',
        env: { ...process.env, PROXY_CONTROL: control },
      }),
      'exit',
    );
  expect(await ask(path)).toEqual([0, null]);
  expect(await ask(`${path}.none`)).toEqual([1, null]);
});

test('what it is told wrongly ends it with the reason', async () => {
  const child = spawn(process.execPath, [SERVICE], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PROXIED_SERVERS: 'redis:6379' },
  });
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()));
  expect(await once(child, 'close')).toEqual([78, null]);
  expect(told).toMatch(/expected name=host:port/);
});
