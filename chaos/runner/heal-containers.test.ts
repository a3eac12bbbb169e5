import { expect, test } from 'vitest';
import { aContainer, FakeEngine } from '../drivers/docker/fake-engine.test-support.ts';
import type { UndoEntry } from '../drivers/undo-journal.ts';
import { healContainers, notTakenBack } from './heal-containers.ts';

type ContainerEntry = Extract<UndoEntry, { kind: 'container' }>;

function entry(undo: ContainerEntry['undo'], undone = false): ContainerEntry {
  const { id } = aContainer();
  return {
    kind: 'container',
    what: 'passive-1',
    id,
    project: 'shop',
    engine: 'fake',
    undo,
    undone,
  };
}

function left(state: Partial<ReturnType<typeof aContainer>['state']>): FakeEngine {
  return new FakeEngine(aContainer({ state: { ...aContainer().state, ...state } }));
}

test('what the lab took back itself is not taken back again', () => {
  const open = entry({ do: 'unpause' });
  const done = [entry({ do: 'start' }), entry({ do: 'start' }, true)];
  expect(notTakenBack([...done, open])).toEqual([open]);
});

test('a container that was left paused is woken, one that was left dead is started', async () => {
  const paused = left({ paused: true });
  const woken = await healContainers([entry({ do: 'unpause' })], () => Promise.resolve(paused));
  expect(woken).toEqual({ healed: ['unpause passive-1 (container 3f2a4b5c6d7e)'], trouble: [] });
  expect(paused.done).toEqual(['unpause']);
  const dead = left({ running: false });
  await healContainers([entry({ do: 'start' })], () => Promise.resolve(dead));
  expect(dead.done).toEqual(['start']);
});

test('a container that is as it was, or is another project’s by now, is left alone', async () => {
  const well = left({});
  const stranger = left({ paused: true });
  stranger.facts = { ...stranger.facts, labels: { 'com.docker.compose.project': 'bank' } };
  for (const engine of [well, stranger]) {
    const { healed } = await healContainers([entry({ do: 'unpause' })], () =>
      Promise.resolve(engine),
    );
    expect(healed).toEqual([]);
    expect(engine.done).toEqual([]);
  }
});

test('an engine that does not answer, or is another, is told, and nothing counts as healed', async () => {
  const silent = await healContainers([entry({ do: 'start' })], () =>
    Promise.reject(new TypeError('no Docker engine answers')),
  );
  expect(silent).toEqual({ healed: [], trouble: ['no Docker engine answers'] });
  const other = { ...entry({ do: 'start' }), engine: 'tcp://elsewhere' };
  const { trouble } = await healContainers([other], () =>
    Promise.resolve(left({ running: false })),
  );
  expect(trouble[0]).toMatch(/set DOCKER_HOST/);
});

test('without an entry no engine is looked for', async () => {
  const healed = await healContainers([], () => Promise.reject(new TypeError('not asked')));
  expect(healed).toEqual({ healed: [], trouble: [] });
});
