import { expect, test } from 'vitest';
import type { Circumstances } from './fault.ts';
import { faults } from './index.ts';
import { partition } from './partition.ts';

const HERE: Circumstances = {
  platform: 'win32',
  driver: 'docker',
  redis: 'container',
  servers: ['data', 'lock-1'],
};

/** What each fault is written with where it cannot do without. */
const NEEDED: Readonly<Record<string, object>> = { 'crash-at': { failpoint: 'before-commit' } };

function refusalOf(fault: (typeof faults)[number]): string | undefined {
  const parameters = fault.parameters.parse(NEEDED[fault.name] ?? {});
  return fault.refuse(HERE, parameters);
}

test('in containers the engine’s faults work on every platform, and no other', () => {
  const possible = faults.filter((fault) => refusalOf(fault) === undefined);
  expect(possible.map(({ place, name }) => `${place} ${name}`).sort()).toEqual([
    'link partition',
    'node kill',
    'node pause',
    'node stop',
    'redis drop-clients',
    'redis forget-scripts',
    'redis kill',
    'redis pause',
    'redis restart',
  ]);
});

test('each fault that containers do not know is refused with what to do in its place', () => {
  for (const fault of faults) {
    const refusal = refusalOf(fault);
    if (refusal !== undefined) expect(refusal).toMatch(/without --driver docker/);
  }
});

test('a network takes a container away as a whole', () => {
  const part = partition.parameters.parse({ redis: 'data' });
  expect(partition.refuse(HERE, part)).toMatch(/taken out of the network as a whole/);
  const oneWay = partition.parameters.parse({ direction: 'to-redis' });
  expect(partition.refuse(HERE, oneWay)).toMatch(/leave redis and direction out/);
});
