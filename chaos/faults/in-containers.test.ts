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

function refusalOf(fault: (typeof faults)[number], here: Circumstances = HERE): string | undefined {
  const parameters = fault.parameters.parse(NEEDED[fault.name] ?? {});
  return fault.refuse(here, parameters);
}

function possible(here: Circumstances): string[] {
  const found = faults.filter((fault) => refusalOf(fault, here) === undefined);
  return found.map(({ place, name }) => `${place} ${name}`).sort();
}

test('where nodes have proxies, containers know every fault on links', () => {
  const links = possible({ ...HERE, link: 'proxy' }).filter((name) => name.startsWith('link'));
  expect(links).toEqual([
    'link bandwidth',
    'link latency',
    'link lose-replies',
    'link lose-requests',
    'link partition',
    'link reset',
  ]);
});

test('in containers the engine’s faults work on every platform, and no other', () => {
  expect(possible(HERE)).toEqual([
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

test('a network takes a container away as a whole, a proxy as is asked', () => {
  const PROXIED: Circumstances = { ...HERE, link: 'proxy' };
  const refused = (written: object, here: Circumstances): string | undefined =>
    partition.refuse(here, partition.parameters.parse(written));
  for (const part of [{ redis: 'data' }, { direction: 'to-redis' }]) {
    expect(refused(part, HERE)).toMatch(/leave redis and direction out/);
    expect(refused({ ...part, by: 'network' }, PROXIED)).toMatch(/leave redis and direction out/);
    expect(refused(part, PROXIED)).toBeUndefined();
  }
  expect(refused({ by: 'network' }, PROXIED)).toBeUndefined();
  expect(refused({ by: 'proxy' }, HERE)).toMatch(/reach Redis without one/);
  expect(refused({ redis: 'lock-7' }, PROXIED)).toMatch(/means no server of this run/);
  const processes: Circumstances = { platform: 'linux', redis: 'private', servers: ['data'] };
  expect(refused({ by: 'network' }, processes)).toMatch(/leave by out/);
});
