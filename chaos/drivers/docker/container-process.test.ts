import { ManualTime, systemClock } from '@understudy/runtime';
import { afterEach, expect, test } from 'vitest';
import { kill } from '../../faults/kill.ts';
import { describeExit } from '../exit.ts';
import { ContainerHand } from './container-hand.ts';
import { ContainerProcess } from './container-process.ts';
import { type EventWatch, watchEvents } from './event-watch.ts';
import { aContainer, FakeEngine, memoryJournal } from './fake-engine.test-support.ts';

const LIMIT_MS = 1000;
let events: EventWatch | undefined;
afterEach(() => events?.[Symbol.dispose]());

async function aProcess(engine: FakeEngine): Promise<ContainerProcess> {
  const timers = new ManualTime();
  const journal = memoryJournal();
  events = await watchEvents(engine, () => undefined);
  const hand = new ContainerHand({
    ...{ engine, container: engine.facts, what: 'passive-1', project: 'shop', journal, timers },
  });
  const { state } = engine.facts;
  return new ContainerProcess({ hand, state, events, clock: systemClock, timers });
}

test('the end by a signal is read from the state and the events of the engine', async () => {
  const killed = await aProcess(new FakeEngine(aContainer()));
  killed.signal('SIGKILL');
  const exit = await killed.exitWithin(LIMIT_MS);
  expect(exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(exit && describeExit(exit)).toMatch(
    /^is exited with exit code 137 since .*, the engine says; event kill \(signal 9\), event die \(exit code 137\)$/,
  );
});

test('a container that ended by itself is not said to have been killed', async () => {
  const stopped = await aProcess(new FakeEngine(aContainer()));
  stopped.signal('SIGTERM');
  expect(await stopped.exitWithin(LIMIT_MS)).toMatchObject({ code: 0, signal: null });
});

test('a container that ran out of memory was not killed by the lab', async () => {
  const engine = new FakeEngine(aContainer());
  const process = await aProcess(engine);
  const state = { ...engine.facts.state, running: false, exitCode: 137, oomKilled: true };
  engine.facts = aContainer({ state });
  expect(await process.exitWithin(LIMIT_MS)).toMatchObject({ code: 137, signal: null });
});

test('a container is seen to be paused by its state, and the engine’s refusal is told', async () => {
  const engine = new FakeEngine(aContainer());
  const process = await aProcess(engine);
  process.signal('SIGSTOP');
  expect(await process.statesWithin(LIMIT_MS, true)).toBe('T');
  expect(process.told('T')).toBe(
    'container 3f2a4b5c6d7e (passive-1): the engine says State.Paused true, event pause',
  );
  engine.refusals.push('it is frozen solid');
  process.signal('SIGCONT');
  const states = await process.statesWithin(0, false);
  expect(states).toBe('T');
  expect(process.told(states)).toContain('it is frozen solid');
});

test('a start by somebody else in between is the end of what ran before', async () => {
  const engine = new FakeEngine(aContainer());
  const process = await aProcess(engine);
  engine.facts = aContainer({
    state: { ...engine.facts.state, startedAt: '2026-11-26T20:00:00Z' },
  });
  expect(await process.exitWithin(LIMIT_MS)).toMatchObject({
    told: expect.stringContaining('started anew'),
  });
});

test('kill: the fault on a container carries its id as evidence', async () => {
  const process = await aProcess(new FakeEngine(aContainer()));
  const node = Object.assign(process, {
    inside: [],
    insideWithin: () => Promise.resolve([]),
    cpuMs: () => 0,
    untilFailpoint: () => Promise.resolve(undefined),
    restart: () => Promise.reject(new TypeError('not here')),
  });
  const { seen, evidence } = await kill.inject(node, { restartAfterMs: 0 });
  expect(seen).toBe(true);
  expect(evidence).toMatch(/^container 3f2a4b5c6d7e \(passive-1\) is exited/);
});
