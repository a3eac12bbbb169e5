import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExampleHistory } from '../checker/example-history.test-support.ts';
import { resultOf } from '../report/results.test-support.ts';
import { explainInversion, explainTakeover } from './explain-on-demand.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-explain-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function keep({ header, operations }: ExampleHistory, tail = ''): Promise<void> {
  const lines = [header, ...operations].map((line) => `${JSON.stringify(line)}\n`);
  await writeFile(join(directory, 'history.ndjson'), lines.join('') + tail);
}

const run = () => resultOf({ directory });

function overtaking(): ExampleHistory {
  const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1').enqueue('p-2');
  return history.effect('p-2').effect('p-1').end();
}

test('a job that overtook another is told, though the lane promises no order', async () => {
  await keep(overtaking());
  const told = explainInversion(run());
  expect(told).toMatchObject({ checker: 'order', kind: 'inverted', job: 'p-2', total: 1 });
  const own = told?.sequence.filter((each) => each.own).map(({ what }) => what);
  expect(own?.join()).toMatch(/EFFECT of p-2 at position 1.*EFFECT of p-1 at position 2/);
});

test('a history that breaks off is read up to where it does', async () => {
  await keep(overtaking(), '{"seq":99,"at"');
  expect(explainInversion(run())?.job).toBe('p-2');
});

test('nothing is told of a run that kept the order, or whose history is not there', async () => {
  expect(explainInversion(run())).toBeUndefined();
  await keep(new ExampleHistory().enqueue('p-1').effect('p-1').end());
  expect(explainInversion(run())).toBeUndefined();
  await writeFile(join(directory, 'history.ndjson'), 'nonsense\n');
  expect(explainInversion(run())).toBeUndefined();
});

test('a takeover is told from the fault to the first effect of the successor', async () => {
  const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1').effect('p-1');
  history.hit('kill', 'node-1').to(700).leads('node-2', 2).enqueue('p-2');
  history.effect('p-2', { node: 'node-2', epoch: 2 }).end();
  await keep(history);
  const at = history.operations.findLast(({ op }) => op === 'effect')?.at ?? 0;
  const takeover = { cause: 'kill', from: 'node-1', to: 'node-2', ms: 700, limitMs: 500, at };
  const told = explainTakeover(run(), takeover);
  expect(told?.detail).toBe('node-2 took over 700 ms after the kill of node-1');
  const lines = told?.sequence.map(({ what }) => what).join('\n') ?? '';
  expect(lines).toMatch(/kill[^]*node-2|kill[^]*EFFECT of p-2/);
  expect(told?.sequence.filter(({ own }) => own).map(({ what }) => what)).toEqual([
    expect.stringContaining('EFFECT of p-2'),
  ]);
});
