import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecorder } from '@understudy/history';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExampleHistory } from '../checker/example-history.test-support.ts';
import { calm } from '../experiments/calm.ts';
import { EarlierRunUnusable } from '../errors.ts';
import { afterEffects } from '../schedule/builders.ts';
import { pinnedSteps, readEarlierRun, settingsOfEarlier } from './earlier-run.ts';
import { OWN_WORKER_COMMAND } from './own-worker.ts';
import { makePlan, serializePlan } from './plan.ts';
import { runsDirectory } from './run-directory.ts';
import { completeSettings, type RequestedSettings } from './settings.ts';

const jobs = [1, 2, 3].map((n) => ({ id: `p-${n}`, account: 'a-1', amountCents: n }));
const experiment = {
  ...calm,
  schedule: () => [afterEffects(1).kill('leader'), afterEffects(2).pause('any')],
};

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-earlier-'));
  directory = join(runsDirectory(root), 'r-1');
  mkdirSync(directory, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

async function keepRun(
  more: Partial<RequestedSettings> = {},
  history?: ExampleHistory,
): Promise<void> {
  const settings = completeSettings({ mode: 'active-passive', seed: 5, jobs, ...more });
  const plan = makePlan(experiment, settings, undefined);
  writeFileSync(join(directory, 'schedule.json'), serializePlan(plan));
  if (!history) return;
  const path = join(directory, 'history.ndjson');
  await using recorder = createRecorder({ path, header: history.header });
  for (const operation of history.operations) recorder.record(operation);
}

const surroundings = (more: object = {}) => ({
  jobs,
  environment: {},
  path: directory,
  root,
  ...more,
});

test('what a fault really hit takes the place of the role, and what hit nobody stays as planned', async () => {
  const history = new ExampleHistory().to(100).enqueue('p-1').effect('p-1').to(150);
  history.hit('kill', 'node-2', { id: 'f1', requested: 'leader', role: 'leader' });
  await keepRun({}, history);
  const earlier = await readEarlierRun(directory);
  const [strike] = earlier.strikes.values();
  expect(strike).toMatchObject({ target: 'node-2', role: 'leader', effects: 1, landed: true });
  expect(pinnedSteps(earlier).map(({ target }) => target)).toEqual(['node-2', 'any']);
});

test('the settings are those of the earlier run', async () => {
  await keepRun({ handlerMs: 33, ttlMs: 700, nodes: 4 });
  const settings = settingsOfEarlier(await readEarlierRun(directory), surroundings());
  const expected = { mode: 'active-passive', seed: 5, handlerMs: 33, ttlMs: 700, nodes: 4 };
  expect(settings).toMatchObject({ ...expected, jobs, workerCommand: OWN_WORKER_COMMAND });
});

test('a run is made again on its lane, and one from before there was a choice on bullmq', async () => {
  await keepRun({ lane: 'stream' });
  const again = settingsOfEarlier(await readEarlierRun(directory), surroundings());
  expect(completeSettings(again).lane).toBe('stream');

  const path = join(directory, 'schedule.json');
  const plan = JSON.parse(readFileSync(path, 'utf8')) as { settings: { lane?: string } };
  delete plan.settings.lane;
  writeFileSync(path, JSON.stringify(plan));
  const old = settingsOfEarlier(await readEarlierRun(directory), surroundings());
  expect(completeSettings(old).lane).toBe('bullmq');
});

test('another input is refused: it would be another run', async () => {
  await keepRun();
  const earlier = await readEarlierRun(directory);
  const other = jobs.map((job) => ({ ...job, amountCents: 7 }));
  expect(() => settingsOfEarlier(earlier, surroundings({ jobs: other }))).toThrow(
    /the input is not that of the earlier run.*--input/,
  );
});

test('environment of which only the names were kept must be set again', async () => {
  await keepRun({ environment: { TOKEN: 'hunter2' } });
  const earlier = await readEarlierRun(directory);
  expect(() => settingsOfEarlier(earlier, surroundings())).toThrow(
    /had TOKEN in their environment/,
  );
  const again = settingsOfEarlier(earlier, surroundings({ environment: { TOKEN: 'new' } }));
  expect(again.environment).toEqual({ TOKEN: 'new' });
});

test('a schedule from elsewhere must not bring along a command, one from here may', async () => {
  await keepRun({ workerCommand: ['/bin/sh', '-c', 'anything'] });
  const earlier = await readEarlierRun(directory);
  expect(settingsOfEarlier(earlier, surroundings()).workerCommand).toContain('anything');
  const elsewhere = surroundings({ path: join(root, 'sent-by-somebody.json') });
  expect(() => settingsOfEarlier(earlier, elsewhere)).toThrow(/commands are only taken from runs/);
});

test.each([
  ['{', /is not JSON/],
  ['{"experiment":"calm"}', /no schedule of a run: mode: .*; seed: /],
  ['{"steps":[{"fault":"explode"}]}', /steps\.0\.fault/],
])('a schedule that is none is refused with what is wrong: %s', async (text, message) => {
  writeFileSync(join(directory, 'schedule.json'), text);
  await expect(readEarlierRun(directory)).rejects.toThrow(EarlierRunUnusable);
  await expect(readEarlierRun(directory)).rejects.toThrow(message);
});

test('steps that cannot be carried out here are refused when the run is planned anew', async () => {
  await keepRun();
  const { plan } = await readEarlierRun(directory);
  const settings = completeSettings({ mode: 'active-passive', jobs, nodes: 1 });
  const [first, second] = plan.steps;
  const planned = (steps: readonly object[]) => () =>
    makePlan(experiment, settings, undefined, steps as typeof plan.steps);
  expect(planned(plan.steps)).not.toThrow();
  expect(planned([{ ...first, target: 'node-9' }])).toThrow(/f1 .*there is no such target/);
  expect(planned([first!, first!])).toThrow(/two steps of that name/);
  expect(planned([{ ...second, previous: ['f1'] }])).toThrow(/depends on a step that does not/);
  expect(planned([{ ...first, parameters: {} }])).toThrow(/parameters are not complete/);
});
