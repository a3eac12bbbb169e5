import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine, reapAbandonedRuns, runResultSchema } from 'understudy';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { aPlace, type Place } from '../e2e/command.ts';
import { startProject, type TestProject, whyNoEngine } from './compose-project.test-support.ts';

const missing = await whyNoEngine();
let project: TestProject | undefined;
let place: Place;

// The default reporter counts what is skipped, and keeps the reason to itself.
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

beforeAll(async () => {
  place = await aPlace();
  if (missing === undefined) project = await startProject(['test-passive']);
});
afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** The project, or a test that is reported as skipped, with the reason. */
function theProject(context: TestContext): TestProject {
  if (project) return project;
  return context.skip(missing);
}

const AT_WORK = ['--jobs', '300', '--rate', '60', '--reporter', 'json', '--quiet'];

test('jobs take effect exactly once while the leader’s container is killed and others use the group', async (context) => {
  const { name, stateOf } = theProject(context);
  const ended = await place.understudy([
    ...['run', 'kill-leader', '--driver', 'docker', '--project', name],
    ...AT_WORK,
  ]);
  const result = runResultSchema.parse(JSON.parse(ended.stdout || JSON.stringify(ended.stderr)));
  // A busy machine may make the lab doubt what it measured; it must not refute.
  expect(['pass', 'inconclusive']).toContain(result.status);
  const verdicts = new Map(result.checkers.map(({ checker, verdict }) => [checker, verdict]));
  expect(verdicts.get('outcome')).toBe('pass');
  expect(verdicts.get('fencing')).toBe('pass');
  expect(verdicts.get('landed')).toBe('pass');
  expect(verdicts.get('conservation')).toBe('not-applicable');
  expect(result.counts).toMatchObject({ accepted: 300, ok: 300, unexpected: 0 });
  const [kill] = result.faults;
  const id = result.fleet?.containers[kill?.target ?? ''] ?? 'no container';
  expect(kill).toMatchObject({ landed: true, role: 'leader' });
  expect(kill?.evidence).toContain(`container ${id.slice(0, 12)}`);
  expect(kill?.evidence).toMatch(/exit code 137 .* event kill \(signal 9\), event die/);
  const history = await readFile(join(result.directory, 'history.ndjson'), 'utf8');
  const end = JSON.parse(history.trimEnd().split('\n').at(-1) ?? '') as Record<string, number>;
  expect(end).toMatchObject({ op: 'end' });
  expect(end.entriesOfOthers).toBeGreaterThan(0);
  // It is somebody's own: nothing of it was stopped.
  for (const node of ['passive-1', 'passive-2', 'passive-3']) {
    expect(await stateOf(node)).toMatchObject({ running: true, paused: false, networks: 2 });
  }
});

test('a container is taken out of the Redis network and put back', async (context) => {
  const { name, stateOf } = theProject(context);
  const ended = await place.understudy([
    ...['fault', 'partition', 'standby', '--for', '1s', '--project', name, '--reporter', 'json'],
  ]);
  const told = JSON.parse(ended.stdout || JSON.stringify(ended.stderr)) as Record<
    string,
    string | boolean
  >;
  expect(told).toMatchObject({ landed: true, healed: true, role: 'standby' });
  expect(told.evidence).toMatch(/the engine shows no endpoint of it there/);
  expect(told.healEvidence).toMatch(/now container \S+ \(passive-\d\) has [\d.]+ in/);
  expect(await stateOf(String(told.target))).toMatchObject({ networks: 2 });
});

test('Redis is shut down and started again, with another run_id', async (context) => {
  const { name, stateOf } = theProject(context);
  const ended = await place.understudy([
    ...['fault', 'restart', 'data', '--project', name, '--reporter', 'json'],
  ]);
  const told = JSON.parse(ended.stdout || JSON.stringify(ended.stderr)) as Record<
    string,
    string | boolean
  >;
  expect(told).toMatchObject({ target: 'data', landed: true, healed: true });
  expect(told.evidence).toMatch(/exit code 0 .* after SIGTERM/);
  expect(told.healEvidence).toMatch(/serves anew, run_id/);
  expect(await stateOf('redis')).toMatchObject({ running: true });
});

test('what a lab that was killed left paused is woken by the next one', async (context) => {
  const { name, stateOf } = theProject(context);
  const words = ['fault', 'pause', 'passive-2', '--for', '5m', '--project', name];
  const lab = place.start([...words, '--reporter', 'json']);
  await lab.said(/landed after/);
  lab.signal('SIGKILL');
  await lab.ended;
  expect(await stateOf('passive-2')).toMatchObject({ running: true, paused: true });
  const [reaped] = await reapAbandonedRuns(place.root, { engine: openEngine });
  expect(reaped?.healed).toEqual([expect.stringMatching(/^unpause passive-2 \(container /)]);
  expect(reaped?.trouble).toBeUndefined();
  expect(await stateOf('passive-2')).toMatchObject({ running: true, paused: false });
  expect(await reapAbandonedRuns(place.root, { engine: openEngine })).toEqual([]);
});

test('Ctrl-C takes a fault back before its time is over', async (context) => {
  const { name, stateOf } = theProject(context);
  const words = ['fault', 'kill', 'leader', '--restart-after', '5m', '--project', name];
  const lab = place.start([...words, '--reporter', 'json']);
  await lab.said(/landed after/);
  lab.signal('SIGINT');
  const { stdout, status } = await lab.ended;
  const told = JSON.parse(stdout) as Record<string, string | boolean>;
  expect(told).toMatchObject({ landed: true, healed: true });
  expect(status).toBe(0);
  expect(await stateOf(String(told.target))).toMatchObject({ running: true });
});

test('a fault that containers do not know is refused before anything is touched, with the reason', async (context) => {
  const { name } = theProject(context);
  const { status, stderr } = await place.understudy([
    ...['run', 'stall-event-loop', '--driver', 'docker', '--project', name],
  ]);
  expect(stderr).toMatch(/it acts within the node/);
  expect(status).toBe(64);
});

test('a compose project that is none of Understudy’s is left alone, by name', async (context) => {
  theProject(context);
  const { status, stderr } = await place.understudy([
    ...['fault', 'kill', 'any', '--project', 'no-such-project'],
  ]);
  expect(stderr).toMatch(/there are no containers of a compose project no-such-project/);
  // What this machine lacks for a fleet of processes is not the trouble.
  expect(stderr).not.toMatch(/doctor finds/);
  expect(status).toBe(69);
});
