import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHistory } from '@understudy/history';
import { expect, it } from 'vitest';
import { aPlace } from './command.ts';
import { onlyRun, survivors } from './leftovers.test-support.ts';

const RUN = ['run', 'pause-past-ttl', '--mode', 'active-passive', '--jobs', '2000'];

async function statusIn(directory: string): Promise<unknown> {
  const result = await readFile(join(directory, 'result.json'), 'utf8');
  return (JSON.parse(result) as { status: unknown }).status;
}

it('Ctrl-C, pressed twice, ends everything that was started, and leaves a history that can be read', async () => {
  await using place = await aPlace();
  const running = place.start(RUN);
  await running.said(/fault f1 pause node-\d \(leader\) landed/);
  running.signal('SIGINT');
  await running.said(/interrupted \(SIGINT\)/);
  running.signal('SIGINT');
  const { status, stdout } = await running.ended;
  expect(status).toBe(130);
  expect(stdout).toMatch(/^verdict: interrupted/m);

  const directory = await onlyRun(place);
  expect(await survivors(directory)).toEqual([]);
  expect(await statusIn(directory)).toBe('interrupted');
  await using history = await readHistory(join(directory, 'history.ndjson'));
  let effects = 0;
  for await (const { op } of history.operations) if (op === 'effect') effects += 1;
  expect(effects).toBeGreaterThan(0);
});

it('what a lab that was killed left behind is named by doctor and ended by the next start', async () => {
  await using place = await aPlace();
  const running = place.start(RUN);
  await running.said(/running: 2000 jobs flow/);
  running.signal('SIGKILL');
  await running.ended;
  const directory = await onlyRun(place);
  expect((await survivors(directory)).length).toBeGreaterThan(3);

  const doctor = await place.understudy(['doctor']);
  expect(doctor.stdout).toMatch(/leftovers +warning/);
  const words = ['run', 'calm', '--mode', 'active-active', '--jobs', '20'];
  expect((await place.understudy(words)).status).toBe(0);
  expect(await survivors(directory)).toEqual([]);
  expect(await statusIn(directory)).toBe('interrupted');
});

it('doctor --heal ends what a killed lab left, says what it did, and has nothing to do twice', async () => {
  await using place = await aPlace();
  const running = place.start(RUN);
  await running.said(/fault f1 pause node-\d \(leader\) landed/);
  running.signal('SIGKILL');
  await running.ended;
  const directory = await onlyRun(place);
  expect((await survivors(directory)).length).toBeGreaterThan(3);

  const healing = await place.understudy(['doctor', '--heal']);
  expect(healing.stdout).toMatch(/^healed: \d{8}-\d{6}-active-passive/m);
  expect(healing.stdout.replaceAll(/\s+/g, ' ')).toMatch(/ended .*redis data, pid \d+/);
  expect(healing.stdout).toMatch(/leftovers +ok/);
  expect(await survivors(directory)).toEqual([]);
  expect(await statusIn(directory)).toBe('interrupted');
  const again = await place.understudy(['doctor', '--heal', '--reporter', 'json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'ok', healed: [] });
});

it('a truncated history is inconclusive, and check says where it breaks off', async () => {
  await using place = await aPlace();
  const words = ['run', 'calm', '--mode', 'active-active', '--jobs', '20', '--reporter', 'json'];
  const { stdout } = await place.understudy(words);
  const { directory } = JSON.parse(stdout) as { directory: string };
  const text = await readFile(join(directory, 'history.ndjson'), 'utf8');
  const lines = text.split('\n').length - 1;
  const [whole, torn] = [join(place.root, 'whole.ndjson'), join(place.root, 'torn.ndjson')];
  await writeFile(whole, text);
  await writeFile(torn, text.slice(0, -20));
  expect((await place.understudy(['check', whole])).status).toBe(0);
  const checked = await place.understudy(['check', torn]);
  expect(checked.status).toBe(98);
  expect(checked.stdout).toContain(`line ${lines} breaks off`);
  const asJson = await place.understudy(['check', torn, '--reporter', 'json']);
  expect(asJson.status).toBe(98);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ status: 'inconclusive', tornLine: lines });
});
