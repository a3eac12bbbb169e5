import { connect } from 'node:net';
import { freePort } from '@understudy/redis';
import { ManualTime, systemClock, systemTimers } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';
import { Peer, setScene } from './peers.test-support.ts';
import type { Trouble } from './trouble.ts';

const both = ['to-redis', 'from-redis'] as const;
const withhold = (...directions: ('to-redis' | 'from-redis')[]): Trouble => ({
  kind: 'withhold',
  servers: ['data'],
  directions: directions.length > 0 ? directions : [...both],
});
const drop = (direction: 'to-redis' | 'from-redis'): Trouble => ({
  kind: 'drop',
  servers: ['data'],
  directions: [direction],
});

test('without a trouble, bytes and the end of a connection pass in both directions', async () => {
  await using scene = await setScene();
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  node.socket.write('ask');
  await redis.hears('ask');
  redis.socket.write('answer');
  await node.hears('answer');
  node.socket.end('bye');
  await redis.until(({ ended }) => ended);
  expect(redis.received).toBe('askbye');
  // Half closed: what the server still has to say arrives.
  redis.socket.end('last words');
  await node.until(({ ended }) => ended);
  expect(node.received).toBe('answerlast words');
  await node.until(({ closed }) => closed === '');
});

test('what a node sends on a connection made since is told once, also when a trouble keeps it', async () => {
  await using scene = await setScene();
  const before = await scene.connect();
  await scene.accepted(0);
  scene.proxy.watch('first');
  before.socket.write('old');
  await scene.heard('old');
  expect(scene.passed).toEqual([]);
  scene.proxy.inject('t', withhold());
  const since = await scene.connect();
  since.socket.write('new');
  await scene.landed('t');
  scene.proxy.heal('t');
  await scene.heard('new');
  since.socket.write('er');
  await scene.heard('newer');
  expect(scene.passed).toEqual(['first']);
});

test('a megabyte that nobody reads yet waits at the sender, and arrives whole', async () => {
  await using scene = await setScene();
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  redis.socket.pause();
  const text = 'x'.repeat(16 * 1024 * 1024);
  node.socket.write(text);
  redis.socket.resume();
  await redis.until(({ received }) => received.length === text.length);
});

test('a reset of one side resets the other', async () => {
  await using scene = await setScene();
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  node.socket.resetAndDestroy();
  await redis.until(({ closed }) => closed === 'ECONNRESET');
});

test('withheld bytes arrive at the heal, in order, and nothing was closed before', async () => {
  await using scene = await setScene();
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  node.socket.write('1');
  await redis.hears('1');
  scene.proxy.inject('f', withhold());
  node.socket.write('2');
  expect(await scene.landed('f')).toMatchObject({ toRedisBytes: 1, fromRedisBytes: 0 });
  redis.socket.write('reply');
  node.socket.write('3');
  // What another connection brings meets the same fate, later.
  const other = await scene.connect();
  other.socket.write('never mind');
  expect([redis.received, redis.ended, node.received, node.ended]).toEqual(['1', false, '', false]);
  scene.proxy.heal('f');
  await redis.hears('123');
  await node.hears('reply');
  await (await scene.accepted(1)).hears('never mind');
});

test('the end of a node that dies behind a partition is kept from Redis until the heal', async () => {
  await using scene = await setScene();
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  scene.proxy.inject('f', withhold('to-redis'));
  node.socket.destroy();
  expect(await scene.landed('f')).toMatchObject({ toRedisBytes: 0, closes: 1 });
  // What Redis writes now leads nowhere, and Redis is not told so.
  redis.socket.write('anybody there?');
  expect([redis.ended, redis.closed]).toEqual([false, undefined]);
  scene.proxy.heal('f');
  await redis.until(({ ended }) => ended);
});

test('a connection made during a partition hangs, and leads on after the heal', async () => {
  await using scene = await setScene();
  scene.proxy.inject('f', withhold());
  const impatient = await scene.connect();
  expect(await scene.landed('f')).toMatchObject({ attempts: 1 });
  scene.proxy.inject('g', withhold());
  impatient.socket.end();
  expect(await scene.landed('g')).toMatchObject({ closes: 1 });
  const patient = await scene.connect();
  patient.socket.write('hello');
  scene.proxy.heal('f');
  expect(scene.reached()).toBe(0);
  scene.proxy.heal('g');
  // Redis never hears of the one that was given up.
  await (await scene.accepted(0)).hears('hello');
  expect(scene.reached()).toBe(1);
  await impatient.until(({ closed }) => closed !== undefined);
});

test('only the direction and the server that are named are troubled', async () => {
  await using scene = await setScene(['data', 'lock-1']);
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  scene.proxy.inject('f', withhold('to-redis'));
  redis.socket.write('reply');
  await node.hears('reply');
  const lock = await scene.connect('lock-1');
  lock.socket.write('extend');
  await (await scene.accepted(0, 'lock-1')).hears('extend');
  node.socket.write('request');
  await scene.landed('f');
  expect(redis.received).toBe('');
});

test('dropped bytes never arrive, and what lost some is severed at the heal, nothing else', async () => {
  await using scene = await setScene();
  const [idle, node] = [await scene.connect(), await scene.connect()];
  await scene.accepted(0);
  const redis = await scene.accepted(1);
  idle.socket.write('a');
  node.socket.write('b');
  await redis.hears('b');
  await (await scene.accepted(0)).hears('a');
  scene.proxy.inject('f', drop('from-redis'));
  node.socket.write('commit');
  await redis.hears('bcommit');
  redis.socket.write('committed');
  expect(await scene.landed('f')).toMatchObject({ toRedisBytes: 0, fromRedisBytes: 9, severed: 0 });
  expect(node.closed).toBeUndefined();
  expect(scene.proxy.heal('f')).toMatchObject({ fromRedisBytes: 9, severed: 1 });
  await node.until(({ closed }) => closed === 'ECONNRESET');
  await redis.until(({ closed }) => closed === 'ECONNRESET');
  expect(node.received).toBe('');
  idle.socket.write('c');
  await (await scene.accepted(0)).hears('ac');
});

test('a trouble that met nothing has affected nothing', async () => {
  await using scene = await setScene();
  const node = await scene.connect();
  await scene.accepted(0);
  scene.proxy.inject('f', drop('to-redis'));
  expect(scene.proxy.heal('f')).toEqual({
    toRedisBytes: 0,
    fromRedisBytes: 0,
    closes: 0,
    attempts: 0,
    severed: 0,
  });
  node.socket.write('a');
  await (await scene.accepted(0)).hears('a');
});

test('delayed bytes arrive when their time has come, jitter or not, in order', async () => {
  const time = new ManualTime();
  await using scene = await setScene(['data'], { clock: time, timers: time });
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  const trouble: Trouble = {
    kind: 'delay',
    servers: ['data'],
    directions: ['to-redis'],
    delayMs: 100,
    jitterMs: 50,
    seed: '7',
  };
  scene.proxy.inject('f', trouble);
  node.socket.write('1');
  expect(await scene.landed('f')).toMatchObject({ toRedisBytes: 1 });
  redis.socket.write('at once');
  await node.hears('at once');
  time.advance(99);
  redis.socket.write('!');
  await node.hears('at once!');
  expect(redis.received).toBe('');
  time.advance(51);
  await redis.hears('1');
});

test('what is delayed arrives at the heal at the latest, before what comes after it', async () => {
  const time = new ManualTime();
  await using scene = await setScene(['data'], { clock: time, timers: time });
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  const delay = { kind: 'delay', delayMs: 60_000, jitterMs: 0, seed: '' } as const;
  scene.proxy.inject('f', { ...delay, servers: ['data'], directions: ['to-redis'] });
  node.socket.write('1');
  await scene.landed('f');
  scene.proxy.heal('f');
  node.socket.write('2');
  await redis.hears('12');
});

test('a throttled direction lets as many bytes pass as its rate allows', async () => {
  const time = new ManualTime();
  await using scene = await setScene(['data'], { clock: time, timers: time });
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  const throttle = { kind: 'throttle', bytesPerSecond: 10_000 } as const;
  scene.proxy.inject('f', { ...throttle, servers: ['data'], directions: ['to-redis'] });
  node.socket.write('x'.repeat(1000));
  await scene.landed('f');
  time.advance(50);
  await redis.until(({ received }) => received.length >= 500);
  expect(redis.received).toHaveLength(500);
  time.advance(50);
  await redis.until(({ received }) => received.length >= 1000);
});

test('severing resets every connection to the server, or else the next', async () => {
  await using scene = await setScene(['data', 'lock-1']);
  const nodes = [await scene.connect(), await scene.connect(), await scene.connect('lock-1')];
  await Promise.all([scene.accepted(0), scene.accepted(1), scene.accepted(0, 'lock-1')]);
  const sever: Trouble = { kind: 'sever', servers: ['data'] };
  scene.proxy.inject('f', sever);
  expect(await scene.landed('f')).toMatchObject({ severed: 2 });
  expect(scene.proxy.heal('f')).toMatchObject({ severed: 2 });
  for (const node of nodes.slice(0, 2)) await node.until(({ closed }) => closed === 'ECONNRESET');
  await (await scene.accepted(0)).until(({ closed }) => closed === 'ECONNRESET');
  nodes[2]?.socket.write('still here');
  await (await scene.accepted(0, 'lock-1')).hears('still here');

  scene.proxy.inject('g', sever);
  const next = await scene.connect();
  await next.until(({ closed }) => closed === 'ECONNRESET');
  expect(await scene.landed('g')).toMatchObject({ severed: 1 });
  const after = await scene.connect();
  after.socket.write('passes');
  await scene.heard('passes');
});

test('troubles in force together: what is delayed and withheld waits for both', async () => {
  const time = new ManualTime();
  await using scene = await setScene(['data'], { clock: time, timers: time });
  const node = await scene.connect();
  const redis = await scene.accepted(0);
  const delay = { kind: 'delay', delayMs: 10, jitterMs: 0, seed: '' } as const;
  scene.proxy.inject('slow', { ...delay, servers: ['data'], directions: [...both] });
  node.socket.write('1');
  await scene.landed('slow');
  scene.proxy.inject('cut', withhold());
  // It was on its way already: it counts as withheld from here on.
  expect(await scene.landed('cut')).toMatchObject({ toRedisBytes: 1 });
  time.advance(10);
  expect(scene.proxy.heal('slow').toRedisBytes).toBe(1);
  scene.proxy.heal('cut');
  await redis.hears('1');
});

test('where no server listens, the connection is reset', async () => {
  const time = { clock: systemClock, timers: systemTimers };
  const nowhere = { name: 'data', host: '127.0.0.1', port: await freePort() };
  const proxy = new FaultProxy([nowhere], { ...time, onLanded: () => undefined });
  const [port = 0] = await proxy.listen();
  const node = new Peer(connect({ port, host: '127.0.0.1' }));
  await node.until(({ closed }) => closed === 'ECONNRESET');
  proxy.close();
});
