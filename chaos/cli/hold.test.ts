import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { NodeFailed } from '../errors.ts';
import { resultOf } from '../report/results.test-support.ts';
import type { KeptFleet } from '../runner/run-options.ts';
import { holdFleet } from './hold.ts';

/** A fleet that is held, what is said about it, and the moment at which something is. */
function held(startNodes: KeptFleet['startNodes']): {
  readonly input: PassThrough;
  readonly said: string[];
  readonly abort: () => void;
  readonly ended: Promise<void>;
  heard(pattern: RegExp): Promise<void>;
} {
  const input = new PassThrough();
  const said: string[] = [];
  const waiting = new Set<() => void>();
  const abort = new AbortController();
  const kept: KeptFleet = {
    result: resultOf({ status: 'fail', run: 'r-1' }),
    directory: '/runs/r-1',
    redis: { dataUrl: 'redis://:secret@127.0.0.1:1', lockUrls: ['redis://127.0.0.1:2'] },
    keyPrefix: 'understudy:{r-1}:',
    startNodes,
  };
  const say = (text: string): void => {
    said.push(text);
    for (const look of waiting) look();
  };
  return {
    ...{ input, said, abort: () => abort.abort() },
    ended: holdFleet(kept, { input, say, signal: abort.signal }),
    heard: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (said.some((text) => pattern.test(text))) resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

test('what to connect to is said, without passwords, and how to end it', async () => {
  const { said, abort, ended } = held(() => Promise.resolve([]));
  const text = said.join('\n');
  expect(text).toContain("redis-cli -u redis://127.0.0.1:1 --scan --pattern 'understudy:{r-1}:*'");
  expect(text).toContain('lock node 1: redis-cli -u redis://127.0.0.1:2');
  expect(text).toContain('/runs/r-1');
  expect(text).toMatch(/Ctrl-C ends everything.*doctor --heal/);
  expect(text).not.toContain('secret');
  abort();
  await ended;
});

test('the first Enter starts the nodes again and says their pids, the second ends the look', async () => {
  const { input, ended, heard } = held(() => Promise.resolve([{ name: 'node-1', pid: 4711 }]));
  input.write('\n');
  await heard(/node-1 runs again: pid 4711/);
  await heard(/no longer as they were judged/);
  input.write('\n');
  await ended;
});

test('nodes that do not start are said, and the servers stay', async () => {
  const { input, abort, ended, heard } = held(() => Promise.reject(new NodeFailed('it fell over')));
  input.write('\n');
  await heard(/could not be started again: it fell over/);
  abort();
  await ended;
});
