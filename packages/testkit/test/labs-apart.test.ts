import { readdir, readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type LabEvent, startLab } from '@understudy/testkit';
import { expect, it } from 'vitest';
import { fixtureRoot, runFixtures } from './inner-vitest.test-support.ts';

const CHILD_LIMIT_MS = 120_000;
const SETTINGS = { nodes: 2, ttlMs: 1000, lockDurationMs: 1500, handlerMs: 20 } as const;

/** Where the servers of a run listened, and which processes it had. */
async function tracesOf(directory: string): Promise<string[]> {
  const logs = await readdir(join(directory, 'logs'));
  const servers = logs.filter((name) => name.startsWith('redis-'));
  const ports = servers.map(async (name) => {
    const text = await readFile(join(directory, 'logs', name), 'utf8');
    return /port=(\d+)/.exec(text)?.[0] ?? `${name} says no port`;
  });
  const undo = await readFile(join(directory, 'undo.ndjson'), 'utf8');
  const pids = undo.match(/"pid":\d+/g) ?? [];
  return [...(await Promise.all(ports)), ...new Set(pids)];
}

/** An answer for whoever asks, once two have. */
async function barrierForTwo(): Promise<{ readonly url: string } & AsyncDisposable> {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    waiting.push(response);
    if (waiting.length === 2) for (const each of waiting) each.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

it('two labs of one test run at the same time, and neither sees the other', async () => {
  await using passive = await startLab({ ...SETTINGS, mode: 'active-passive' });
  await using active = await startLab({ ...SETTINGS, mode: 'active-active' });
  const seen: string[] = [];
  const watch = (name: string) => (event: LabEvent) => {
    if ('op' in event && event.op === 'effect' && !seen.includes(name)) seen.push(name);
  };
  const request = { jobs: 200, rate: 100, seed: 3, faults: ['kill'] } as const;
  const runs = await Promise.all([
    passive.run({ ...request, onEvent: watch('passive') }).finally(() => seen.push('ended')),
    active.run({ ...request, onEvent: watch('active') }).finally(() => seen.push('ended')),
  ]);
  expect(seen.indexOf('ended')).toBe(2);
  for (const run of runs) {
    // Not its verdict, which is also about how fast a takeover was: two fleets share this machine.
    expect(run.counts).toMatchObject({ accepted: 200, ok: 200, effects: 200, unexpected: 0 });
  }
  const traces = await Promise.all(runs.map(({ directory }) => tracesOf(directory)));
  expect(traces.map(({ length }) => length > 3)).toEqual([true, true]);
  expect(new Set(traces.flat()).size).toBe(traces.flat().length);
});

it(
  'two test files at the same time have labs that share no name, no port, no process and no directory',
  async () => {
    await using root = await fixtureRoot();
    await using barrier = await barrierForTwo();
    const environment = { FIXTURE_BARRIER: barrier.url };
    const { status, files } = await runFixtures(['one-beside', 'other-beside'], root, environment);
    const told = files.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ failureMessages }) => failureMessages),
    );
    expect({ status, told }).toEqual({ status: 0, told: [] });
    const runs = await readdir(root.runs);
    expect(runs).toHaveLength(2);
    const traces = await Promise.all(runs.map((run) => tracesOf(join(root.runs, run))));
    expect(new Set(traces.flat()).size).toBe(traces.flat().length);
  },
  CHILD_LIMIT_MS,
);
