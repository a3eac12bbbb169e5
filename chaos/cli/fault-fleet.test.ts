import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { closeLabFile, type LabFile, makeRunDirectory } from '../runner/run-directory.ts';
import { fleetAskedFor } from './fault-fleet.ts';
import { UsageError } from './usage-error.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-going-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** A run whose lab is this process. */
function going(run: string, more: Partial<LabFile> = {}): string {
  return makeRunDirectory(root, {
    ...{ run, experiment: 'calm', mode: 'active-passive', seed: 1, nodes: ['node-1'], jobs: 1 },
    ...{ startedAt: '2026-11-26T19:10:18.912Z', versions: {} },
    ...more,
  });
}

const asked = async (flags: Parameters<typeof fleetAskedFor>[0]): Promise<string> => {
  const fleet = await fleetAskedFor(flags, root);
  return fleet.kind === 'run' ? fleet.run.run : fleet.containers.group.group;
};

test('the only run that goes on is meant; one that is over, or one fault by hand, is none', async () => {
  closeLabFile(going('over'), 'done');
  going('by-hand', { byHand: true });
  going('run-1');
  expect(await asked({})).toBe('run-1');
  expect(await asked({ run: 'run-1' })).toBe('run-1');
});

test('of several one must be named, and a name that is none is told from one that is over', async () => {
  for (const run of ['run-1', 'run-2']) going(run);
  closeLabFile(going('over'), 'interrupted');
  await expect(asked({})).rejects.toThrow(/There are run-1, run-2: say --run/);
  expect(await asked({ run: 'run-2' })).toBe('run-2');
  await expect(asked({ run: 'run-3' })).rejects.toThrow(UsageError);
  await expect(asked({ run: 'run-3' })).rejects.toThrow(/unknown run "run-3"/);
  await expect(asked({ run: 'over' })).rejects.toThrow(/is over/);
  await expect(asked({ run: 'run-1', group: 'payments' })).rejects.toThrow(/leave --project/);
});

test('a run that is at work on the containers that are named must know of the fault', async () => {
  going('run-1', { fleet: { project: 'shop', group: 'payments' } });
  going('run-2');
  expect(await asked({ project: 'shop' })).toBe('run-1');
  expect(await asked({ project: 'shop', group: 'payments' })).toBe('run-1');
});

test('where nothing goes on and no engine answers, both are said', async () => {
  vi.stubEnv('DOCKER_HOST', `unix://${join(root, 'no-engine.sock')}`);
  await expect(asked({})).rejects.toThrow(/no run goes on in .*no Docker engine answers/);
  await expect(asked({ run: 'run-1' })).rejects.toThrow(/there is no run run-1: none goes on/);
  await expect(asked({ group: 'payments' })).rejects.toThrow(/^no Docker engine answers/);
});
