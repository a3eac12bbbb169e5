import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { RunResult } from 'understudy';
import { aPlace, type Ended, type Place } from './command.ts';

const WORKER = fileURLToPath(new URL('./fixtures/bare-worker.mjs', import.meta.url));
const COMMAND = `'${process.execPath}' '${WORKER}'`;
const SMALL = ['--jobs', '60', '--nodes', '2', '--reporter', 'json'];
const SECRET = 'sesame-123';

/** Runs an experiment with the worker that does one thing wrong. */
function runWrong(place: Place, wrong: string, experiment = 'calm', ...more: string[]): Promise<Ended> {
  const words = ['run', experiment, '--worker', COMMAND, '--env', `WRONG=${wrong}`, ...SMALL, ...more];
  return place.understudy(words);
}

const resultOf = ({ stdout, stderr }: Ended): RunResult => {
  if (stdout === '') throw new TypeError(`there is no result: ${stderr}`);
  return JSON.parse(stdout) as RunResult;
};
const checkerOf = (result: RunResult, name: string): RunResult['checkers'][number] | undefined =>
  result.checkers.find(({ checker }) => checker === name);

describe.concurrent('a worker of somebody else’s', () => {
  test('passes a kill without a word of its own, and what it does not say is not known', async () => {
    await using place = await aPlace();
    const ended = await runWrong(
      place,
      '',
      'kill-leader',
      ...['--env', `TOKEN=${SECRET}`, '--queue', 'mails', '--prefix', 'my:own'],
      ...['--rate', '100'],
    );
    const result = resultOf(ended);
    expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(result).toMatchObject({ status: 'pass', mode: 'active-active', lane: 'bullmq' });
    expect(result.counts).toMatchObject({ ok: 60, attempts: 0 });
    expect(result.faults.map(({ role }) => role)).toEqual(
      result.faults.map(() => 'the last seen to take effect'),
    );
    expect(checkerOf(result, 'conservation')?.verdict).toBe('not-applicable');

    const directory = join(place.runs, readdirSync(place.runs)[0] ?? '');
    const schedule: unknown = JSON.parse(readFileSync(join(directory, 'schedule.json'), 'utf8'));
    expect(schedule).toMatchObject({
      settings: {
        environment: ['WRONG', 'TOKEN'],
        foreign: { contract: 'bullmq', queue: 'mails', prefix: 'my:own' },
      },
    });
    for (const name of ['schedule.json', 'history.ndjson', 'result.json', 'lab.json']) {
      expect(readFileSync(join(directory, name), 'utf8')).not.toContain(SECRET);
    }
    expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    expect(result.repeat).toContain('--env WRONG --env TOKEN');

    const replayed = await place.understudy(['replay', result.run, '--reporter', 'json'], {
      WRONG: '',
      TOKEN: SECRET,
    });
    expect(resultOf(replayed)).toMatchObject({ status: 'pass', lane: 'bullmq' });
  });

  test('whose command does not exist is said to have none', async () => {
    await using place = await aPlace();
    const { status, stderr } = await place.understudy([
      ...['run', 'calm', '--worker', 'no-such-worker --fast', ...SMALL],
    ]);
    expect(status).toBe(69);
    expect(stderr).toMatch(/exited with code 127 before it was ready: there is no such command/);
  });

  test('that exits at once is told with its last words', async () => {
    await using place = await aPlace();
    const { status, stderr } = await runWrong(place, 'exits');
    expect(status).toBe(69);
    expect(stderr).toMatch(/exited with code 3 before it was ready[^]*no ledger is configured/);
  });

  test('that never gets ready is told what was waited for', async () => {
    await using place = await aPlace();
    const { status, stderr } = await runWrong(place, 'silent');
    expect(status).toBe(69);
    expect(stderr).toMatch(/printed no "@understudy.*and sent no command to Redis within 10 s/);
    expect(stderr).toContain('REDIS_URL');
  });

  test('that is ready and ignores REDIS_URL is told so, and nothing is claimed of it', async () => {
    await using place = await aPlace();
    const ended = await runWrong(place, 'ignores');
    expect(ended.status).toBe(98);
    const result = resultOf(ended);
    expect(checkerOf(result, 'landed')?.reason).toMatch(/node-1 never sent a byte.*ignores REDIS_URL/);
    expect(result.notes).toEqual([expect.stringContaining('no job is enqueued')]);
    expect(result.counts?.accepted).toBe(0);
  });

  test('that prints broken lines is told so, and judged all the same', async () => {
    await using place = await aPlace();
    const result = resultOf(await runWrong(place, 'malformed'));
    expect(result.status).toBe('pass');
    expect(result.notes).toContainEqual(
      expect.stringMatching(/^node-\d printed a line that begins with @understudy.*\(event: /),
    );
  });

  test('whose effects name no job is told so, and nothing is claimed of it', async () => {
    await using place = await aPlace();
    const ended = await runWrong(place, 'unnamed', 'calm', '--liveness-bound-ms', '1000');
    expect(ended.status).toBe(98);
    const result = resultOf(ended);
    expect(checkerOf(result, 'outcome')?.reason).toContain('60 effects name no job');
    expect(result.counts).toMatchObject({ lost: 0, undecided: 60 });
  });

  test('that is a stream worker which was told to be one of BullMQ is refused what is not its own', async () => {
    await using place = await aPlace();
    for (const [words, said] of [
      [['--contract', 'stream'], '--contract is about a worker of your own: say --worker'],
      [['--worker', 'x', '--system'], 'two ways to say what is run'],
      [['--worker', 'x', '--env', 'not a name=secret'], '--env needs KEY=VALUE'],
      [['--worker', 'x', '--env', 'REDIS_URL=redis://mine'], 'env.REDIS_URL: is set by the lab itself'],
      [['--worker', 'x', '--env', 'NOT_SET_ANYWHERE'], 'and it has none'],
      [['--worker', 'x', '--queue', 'a:b'], 'queue: must hold neither colons nor blanks'],
      [['--worker', 'x', '--sabotage', 'no-fencing'], 'another was given: leave out no-fencing'],
      [
        ['--worker', 'x', '--prefix', 'p', '--redis', 'redis://127.0.0.1:1'],
        "the prefix p is not this run's alone",
      ],
      [['--system'], 'there is no understudy.config.ts'],
    ] as const) {
      const { status, stderr } = await place.understudy(['run', 'calm', ...words]);
      expect([status, stderr]).toEqual([64, expect.stringContaining(said)]);
      expect(stderr).not.toContain('secret');
    }
    const poison = await place.understudy(['run', 'poison-job', '--worker', 'x']);
    expect(poison.stderr).toContain('only this repository’s worker has'.replace('’', "'"));
  });
});

describe.concurrent('an understudy.config.ts', () => {
  const CONFIGS = {
    'that has a mistake in its syntax': [
      'export default { nodes: ',
      /understudy\.config\.ts cannot be loaded: .*mend the syntax/s,
    ],
    'that imports what is not there': [
      "import x from './nowhere.ts';\nexport default x;",
      /cannot be loaded: .*install what it imports, or mend the path/s,
    ],
    'that has what Node cannot take out': [
      'enum A { B }\nexport default A;',
      /cannot be loaded: .*leave out enums/s,
    ],
    'without a default export': ['export const a = 1;', /has no default export/],
    'that exports no system': ['export default 42;', /is no system, but number/],
    'with mistakes in types': [
      "export default { nodes: { command: 5 }, enqueue: 'x', readEfects() {} };",
      /nodes\.command: expected a command line.*enqueue: expected a function.*readEffects: |enqueue.*nodes\.command/s,
    ],
    'whose readEffects throws': [
      "export default { nodes: { command: 'x' }, enqueue() {}, readEffects() { throw new TypeError('no table'); } };",
      /readEffects\(\) threw before the run began: no table/,
    ],
    'whose setUp throws': [
      "export default { nodes: { command: 'x' }, enqueue() {}, readEffects: () => [], setUp() { throw new TypeError('no database'); } };",
      /setUp\(\) threw: no database\. Nothing was started/,
    ],
    'whose enqueue throws': [
      `export default { nodes: { command: 'sleep 60' }, ready: () => true, enqueue() { throw new TypeError('no queue'); }, readEffects: () => [] };`,
      /enqueue\(\) could not hand over the first job, p-\d+: no queue\. Nothing was tested/,
    ],
  } as const satisfies Record<string, readonly [string, RegExp]>;

  test.each(Object.entries(CONFIGS))('%s is refused with what to do', async (_, [text, said]) => {
    await using place = await aPlace();
    await writeFile(join(place.root, 'understudy.config.ts'), text);
    const { status, stderr } = await place.understudy(['run', 'calm', '--system', ...SMALL]);
    expect(stderr).toMatch(said);
    expect(status).toBe(64);
  });
});
