import { systemTimers } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { NotOfTheProject } from '../../errors.ts';
import { ContainerHand } from './container-hand.ts';
import {
  aContainer,
  FakeEngine,
  memoryJournal,
  REDIS_NETWORK,
} from './fake-engine.test-support.ts';

function aHand(engine: FakeEngine, project = 'shop') {
  const journal = memoryJournal();
  const hand = new ContainerHand({
    ...{
      engine,
      container: engine.facts,
      what: 'passive-1',
      project,
      journal,
      timers: systemTimers,
    },
  });
  return { hand, journal };
}

test.each([
  ['another compose project', { 'com.docker.compose.project': 'bank' }, /the compose project bank/],
  ['no compose project', { 'understudy.role': 'worker' }, /no compose project/],
])('a container of %s is never taken hold of', (_, labels, told) => {
  const engine = new FakeEngine(aContainer({ labels }));
  expect(() => aHand(engine)).toThrow(NotOfTheProject);
  expect(() => aHand(engine)).toThrow(told);
  expect(engine.done).toEqual([]);
});

test('a container is not taken out of a network of somebody else’s', async () => {
  const engine = new FakeEngine(aContainer({ networks: [REDIS_NETWORK] }));
  engine.networkProject = 'bank';
  const { hand, journal } = aHand(engine);
  await expect(hand.disconnect(REDIS_NETWORK)).rejects.toThrow(NotOfTheProject);
  expect(engine.done).toEqual([]);
  expect(journal.entries).toEqual([]);
});

test('what must be taken back is noted before it is done, and crossed out afterwards', async () => {
  const engine = new FakeEngine(aContainer());
  const { hand, journal } = aHand(engine);
  await hand.pause();
  expect(journal.entries).toMatchObject([
    { kind: 'container', project: 'shop', engine: 'fake', undo: { do: 'unpause' }, undone: false },
  ]);
  await hand.unpause();
  expect(journal.entries[1]).toMatchObject({ undo: { do: 'unpause' }, undone: true });
  expect(hand.inForce).toEqual([]);
});

test('a container is made as it was, whatever was done to it', async () => {
  const engine = new FakeEngine(aContainer({ networks: [REDIS_NETWORK] }));
  const { hand } = aHand(engine);
  await hand.disconnect(REDIS_NETWORK);
  await hand.kill('SIGKILL');
  expect(hand.inForce).toEqual(['connect passive-1', 'start passive-1']);
  expect(await hand.restore()).toEqual([]);
  expect(engine.facts.state).toMatchObject({ running: true });
  expect(engine.facts.networks).toHaveLength(1);
  expect(hand.inForce).toEqual([]);
});

test('what the engine refused has nothing to be taken back', async () => {
  const engine = new FakeEngine(aContainer());
  const { hand, journal } = aHand(engine);
  engine.refusals.push('it is not running');
  await expect(hand.kill('SIGKILL')).rejects.toThrow('it is not running');
  expect(hand.inForce).toEqual([]);
  expect(journal.entries.map((entry) => entry.kind === 'container' && entry.undone)).toEqual([
    false,
    true,
  ]);
});

test('an engine that cannot freeze a container in this moment is asked again', async () => {
  const engine = new FakeEngine(aContainer());
  const { hand } = aHand(engine);
  engine.refusals.push('OCI runtime pause failed: unable to freeze');
  await hand.pause();
  expect(engine.facts.state.paused).toBe(true);
});
