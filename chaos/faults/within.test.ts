import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomId, systemClock, systemTimers } from '@understudy/runtime';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import { startNodeProcess, type NodeProcess } from '../drivers/node-process.ts';
import { openUndoJournal } from '../drivers/undo-journal.ts';
import { InsideChannel } from '../inside/channel.ts';
import { clockSkew } from './clock-skew.ts';
import { crashAt } from './crash-at.ts';
import { stall } from './stall.ts';

const directory = mkdtempSync(join(tmpdir(), 'understudy-within-'));
const journal = openUndoJournal(directory);
let channel: InsideChannel;
let process: NodeProcess;

beforeEach(async () => {
  channel = await InsideChannel.open({
    newId: randomId,
    clock: systemClock,
    timers: systemTimers,
  });
});
afterEach(async () => {
  process.signal('SIGKILL');
  await process.silent;
  await channel[Symbol.asyncDispose]();
});
afterAll(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

/** Passes a failpoint without end, and is no worker otherwise. */
const PASSES = `
  console.log('@understudy {"event":"ready"}');
  const pass = (job) => globalThis[Symbol.for('understudy.failpoints')]?.hook?.('turn', job);
  let n = 0;
  const turn = () => { pass('j-' + ++n); setImmediate(turn); };
  turn();`;

// What is ready may not have reported yet: the faults wait for that themselves.
const startNode = (program: string): Promise<FaultyNode> =>
  start(globalThis.process.execPath, '-e', program);

async function start(...command: string[]): Promise<FaultyNode> {
  process = startNodeProcess({
    node: 'node-1',
    incarnation: 'i-1',
    command,
    environment: {
      PATH: globalThis.process.env.PATH,
      UNDERSTUDY_INCARNATION: 'i-1',
      ...channel.environment(undefined),
    },
    logPath: join(directory, 'node.log'),
    journal,
    onEvent: () => undefined,
    clock: systemClock,
    timers: systemTimers,
  });
  await process.ready();
  return {
    pid: process.pid,
    startTime: process.startTime,
    who: process.who,
    signal: (name) => process.signal(name),
    exitWithin: (limitMs) => process.exitWithin(limitMs),
    statesWithin: (limitMs, stopped) => process.statesWithin(limitMs, stopped),
    told: (states) => process.told(states),
    get inside() {
      return channel.processesOf('i-1');
    },
    insideWithin: (limitMs) => channel.processesWithin('i-1', limitMs),
    cpuMs: () => process.cpuMs(),
    untilFailpoint: (name, signal) => process.untilFailpoint(name, signal),
    restart: () => Promise.reject(new TypeError('not here')),
  };
}

const never = new AbortController().signal;
const trap = { failpoint: 'turn', passing: 3, job: undefined, restartAfterMs: 0 };

test('stall: pings stay unanswered while the process table says that it runs, then it answers', async () => {
  const node = await startNode(PASSES);
  const parameters = { forMs: 200, spin: false };
  expect(await stall.inject(node, parameters)).toEqual({
    seen: true,
    evidence: expect.stringMatching(
      /^pid \d+ leaves pings unanswered, and is in state [SRD] in the process table$/,
    ) as string,
  });
  expect(await stall.heal(node, parameters)).toEqual({
    seen: true,
    evidence: expect.stringMatching(/^pid \d+ answered after \d+ ms$/) as string,
  });
});

test('stall: one that spins uses the processor', async () => {
  const node = await startNode(PASSES);
  const parameters = { forMs: 400, spin: true };
  const usage = (evidence: string): number =>
    Number(/at (\d+) ms of processor time/.exec(evidence)?.[1]);
  const injected = await stall.inject(node, parameters);
  const healed = await stall.heal(node, parameters);
  expect([injected.seen, healed.seen]).toEqual([true, true]);
  expect(usage(healed.evidence)).toBeGreaterThan(usage(injected.evidence));
});

test.each([
  {
    shift: 60_000,
    everyMs: 0,
    told: /was -?\d+ ms ahead of the lab's and is (59|60)\d{3} ms ahead$/,
  },
  { shift: -60_000, everyMs: 0, told: /and is -(59|60)\d{3} ms ahead$/ },
  {
    shift: 60_000,
    everyMs: 300,
    // A machine that is busy may still find it on the first side at the first looks.
    told: /and is (59|60)\d{3} ms ahead, then ((59|60)\d{3} ms ahead, then )*-(59|60)\d{3} ms ahead$/,
  },
])('clock-skew: the clocks differ by $shift ms, and agree when it is healed', async (given) => {
  const node = await startNode(PASSES);
  const parameters = { byMs: given.shift, everyMs: given.everyMs, forMs: 0 };
  expect(await clockSkew.inject(node, parameters)).toEqual({
    seen: true,
    evidence: expect.stringMatching(given.told) as string,
  });
  const healed = await clockSkew.heal(node, parameters);
  expect(healed.seen).toBe(true);
  expect(healed.evidence).toMatch(/^the clock of pid \d+ is -?\d+ ms ahead of the lab's$/);
});

test('clock-skew: a shift is written with its sign', () => {
  const parse = (by: unknown): unknown => clockSkew.parameters.safeParse({ by }).data;
  expect(parse('-10s')).toMatchObject({ byMs: -10_000 });
  expect(parse('+1m')).toMatchObject({ byMs: 60_000 });
  expect(parse(-500)).toMatchObject({ byMs: -500 });
  expect(parse('1500')).toMatchObject({ byMs: 1500 });
  expect(parse('soon')).toBeUndefined();
  expect(parse('5ms')).toBeUndefined();
});

test('crash-at: the node stands at the failpoint on that passing, and ends by SIGKILL', async () => {
  const node = await startNode(PASSES);
  const ambush = await crashAt.lieInWait!(node, trap, never);
  expect(ambush).toEqual({
    seen: true,
    evidence: expect.stringMatching(/^stood at turn, passing 3, for j-\d+$/) as string,
    job: expect.stringMatching(/^j-\d+$/) as string,
  });
  expect(await crashAt.inject(node, trap)).toEqual({
    seen: true,
    evidence: `pid ${node.pid} ${ambush.evidence}, and ended by SIGKILL`,
  });
});

test('crash-at: a failpoint that the node does not have never fires, and the node goes on', async () => {
  const node = await startNode(PASSES);
  const over = new AbortController();
  const waiting = crashAt.lieInWait!(node, { ...trap, failpoint: 'elsewhere' }, over.signal);
  over.abort();
  expect(await waiting).toEqual({
    seen: false,
    evidence: 'it never fired: passed 0 times until the work was over',
  });
  expect(await (await node.insideWithin(10_000))[0]!.ask({ do: 'ping' }, 10_000)).toBeDefined();
  expect(await node.statesWithin(0, false)).not.toContain('T');
});

test('crash-at: a node that is caught while the trap is taken away is hit all the same', async () => {
  const node = await startNode(PASSES);
  const over = new AbortController();
  over.abort();
  // The work was over before the lab could look, and the node walks into the trap at once.
  const ambush = await crashAt.lieInWait!(node, { ...trap, passing: 1 }, over.signal);
  expect(ambush).toMatchObject({ seen: true });
  expect(await crashAt.inject(node, trap)).toMatchObject({ seen: true });
});

test('a node that runs no Node.js refuses what must be done within, and says why', async () => {
  const node = await start('/bin/sh', '-c', `echo '@understudy {"event":"ready"}'; sleep 60`);
  const refusal = {
    seen: false,
    evidence: expect.stringContaining('runs no Node.js process that the lab can reach') as string,
  };
  const untouched = { ...refusal, untouched: true };
  expect(await stall.inject(node, { forMs: 10, spin: false })).toEqual(untouched);
  expect(await clockSkew.inject(node, { byMs: 1000, everyMs: 0, forMs: 0 })).toEqual(untouched);
  expect(await crashAt.lieInWait!(node, trap, never)).toEqual(untouched);
});
