import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationBody } from '@understudy/history';
import { ManualTime, systemClock, systemTimers, type Timers } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Fleet } from '../fleet.ts';
import { attachFleet } from './container-fleet.ts';
import { ContainerHand } from './container-hand.ts';
import { watchEvents } from './event-watch.ts';
import { aContainer, FakeEngine, memoryJournal } from './fake-engine.test-support.ts';

const PASSIVE = '@understudy {"event":"state","state":"passive","incarnation":"i1"}';
const attempt = (job: string): string => `@understudy {"event":"attempt","job":"${job}","n":1}`;

let directory: string;
let engine: FakeEngine;
let operations: OperationBody[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-fleet-'));
  engine = new FakeEngine(aContainer());
  operations = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

async function attach(timers: Timers = systemTimers): Promise<Fleet> {
  const journal = memoryJournal();
  const hand = new ContainerHand({
    ...{ engine, container: engine.facts, what: 'passive-1', project: 'shop', journal, timers },
  });
  return attachFleet({
    engine,
    nodes: [{ name: 'passive-1', hand }],
    events: await watchEvents(engine, () => undefined),
    logDirectory: directory,
    isOwn: (job) => job.startsWith('own:'),
    record: (operation) => void operations.push(operation),
    clock: systemClock,
    timers,
  });
}

test('what a node said of itself before the lab came counts, under its own incarnation', async () => {
  engine.printed = [PASSIVE, attempt('p-1')];
  await using fleet = await attach();
  await fleet.ready();
  expect(fleet.nodes[0]).toMatchObject({ name: 'passive-1', up: true });
  expect(operations).toEqual([
    {
      ...{ op: 'state', type: 'info', process: 'passive-1', node: 'passive-1' },
      ...{ incarnation: 'i1', state: 'passive' },
    },
  ]);
});

test('attempts at the jobs of others are left out', async () => {
  engine.printed = [PASSIVE];
  await using fleet = await attach();
  for (const job of ['p-1', 'own:p-1', 'p-2']) engine.print(attempt(job));
  engine.print('something else');
  const attempts = operations.filter(({ op }) => op === 'attempt');
  expect(attempts).toMatchObject([{ job: 'own:p-1', node: 'passive-1', incarnation: 'i1' }]);
  expect(fleet.nodes).toHaveLength(1);
  expect(readFileSync(join(directory, 'passive-1.1.log'), 'utf8')).toBe('something else\n');
});

test('a node whose log lost its state is not attached to, and nothing was done to it', async () => {
  engine.printed = [attempt('p-1')];
  const time = new ManualTime();
  const attached = attach(time);
  const refused = expect(attached).rejects.toThrow(/does not say, or no longer says, which state/);
  await vi.waitFor(() => expect(time.pending).toBe(1));
  time.advance(30_000);
  await refused;
  expect(engine.done).toEqual([]);
});

test('a node that was started a moment ago is waited for until it says what it is', async () => {
  engine.printed = [];
  const time = new ManualTime();
  const attached = attach(time);
  await vi.waitFor(() => expect(time.pending).toBe(1));
  engine.print(PASSIVE);
  await using fleet = await attached;
  expect(fleet.nodes[0]).toMatchObject({ up: true });
  expect(operations).toMatchObject([{ op: 'state', state: 'passive', incarnation: 'i1' }]);
});

test('a node that died is down by the engine’s word, and its next start is another incarnation', async () => {
  engine.printed = [PASSIVE];
  await using fleet = await attach();
  const [node] = fleet.nodes;
  node?.process.signal('SIGKILL');
  await node?.process.exitWithin(1000);
  expect(operations.at(-1)).toMatchObject({ state: 'down', process: 'lab', incarnation: 'i1' });
  expect(node?.up).toBe(false);
  const restarted = node?.restart();
  await expect.poll(() => engine.followedSince).toEqual([undefined, '2026-11-26T19:11:00Z']);
  engine.print('@understudy {"event":"ready","incarnation":"i2"}');
  expect(await restarted).toMatchObject({ incarnation: 'i2' });
  expect(node?.up).toBe(true);
});

test('a fleet that is left is as it was, though a fault was in force', async () => {
  engine.printed = [PASSIVE];
  const fleet = await attach();
  fleet.nodes[0]?.process.signal('SIGSTOP');
  await fleet.nodes[0]?.process.statesWithin(1000, true);
  expect(await fleet.stop(0)).toEqual([]);
  expect(engine.facts.state).toMatchObject({ running: true, paused: true });
  await fleet[Symbol.asyncDispose]();
  expect(engine.facts.state).toMatchObject({ running: true, paused: false });
  expect(engine.done).toEqual(['pause', 'unpause']);
});
