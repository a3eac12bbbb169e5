import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  afterEffects,
  type ForeignWorker,
  NodeFailed,
  runExperiment,
  type RunResult,
  type Step,
} from 'understudy';
import { aPlace, type Ended } from './command.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const WORKER = fileURLToPath(new URL('./fixtures/bare-worker.mjs', import.meta.url));
const SECRET = 'sesame-123';

let root: string;
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'understudy-foreign-'))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Puts a worker on stage for sixty jobs, and perhaps a fault. */
async function run(worker: ForeignWorker, ...steps: Step[]): Promise<RunResult> {
  const jobs = Array.from({ length: 60 }, (_, i) => ({
    id: `p-${i}`,
    account: 'a',
    amountCents: i,
  }));
  const { result } = await runExperiment({
    experiment: {
      name: 'foreign',
      shows: 'what becomes of a worker that the lab has never seen',
      expects: 'what the test says',
      schedule: () => steps,
    },
    subject: { worker },
    settings: { mode: 'active-active', nodes: 2, rate: 60, jobs, livenessBoundMs: 8000 },
    root,
    environment: {
      ...process.env,
      REDIS_SERVER: findRedisServer(REPOSITORY, process.env)?.path,
    },
  });
  return result;
}

/** The worker that does one thing wrong. */
const wrong = (what: string): ForeignWorker => ({
  command: [process.execPath, WORKER],
  env: { WRONG: what },
});
const reasonOf = (result: RunResult, name: string): string | undefined =>
  result.checkers.find(({ checker }) => checker === name)?.reason;
const resultOf = ({ stdout, stderr }: Ended): RunResult => {
  if (stdout === '') throw new TypeError(`there is no result: ${stderr}`);
  return JSON.parse(stdout) as RunResult;
};

describe('a worker of somebody else’s', () => {
  test('passes a kill without a word of its own; what it does not say is not known, and no secret kept', async () => {
    await using place = await aPlace();
    const ended = await place.understudy([
      ...['run', 'kill-leader', '--worker', `'${process.execPath}' '${WORKER}'`, '--nodes', '2'],
      ...['--env', `TOKEN=${SECRET}`, '--queue', 'mails', '--prefix', 'my:own'],
      ...['--jobs', '100', '--rate', '40', '--reporter', 'json'],
    ]);
    const result = resultOf(ended);
    expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(result).toMatchObject({ status: 'pass', mode: 'active-active', lane: 'bullmq' });
    expect(result.counts).toMatchObject({ ok: 100, attempts: 0 });
    const latest = result.faults.map(() => 'the last seen to take effect');
    expect(result.faults.map(({ role }) => role)).toEqual(latest);
    const directory = join(place.runs, readdirSync(place.runs)[0] ?? '');
    const schedule: unknown = JSON.parse(readFileSync(join(directory, 'schedule.json'), 'utf8'));
    expect(schedule).toMatchObject({
      settings: {
        environment: ['TOKEN'],
        foreign: { contract: 'bullmq', queue: 'mails', prefix: 'my:own' },
      },
    });
    for (const name of ['schedule.json', 'history.ndjson', 'result.json', 'lab.json']) {
      expect(readFileSync(join(directory, name), 'utf8')).not.toContain(SECRET);
    }
    expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    const replay = ['replay', result.run, '--reporter', 'json'];
    expect(resultOf(await place.understudy(replay, { TOKEN: SECRET }))).toMatchObject({
      lane: 'bullmq',
      nodes: ['node-1', 'node-2'],
    });
  });

  test('may be started by npm: all of its processes are the node, and end with it', async () => {
    const npm = { ...wrong(''), command: `npm exec --offline -c '"$NODE" "$WORKER"'` };
    const worker = { ...npm, env: { ...npm.env, NODE: process.execPath, WORKER } };
    const result = await run(worker, afterEffects(20).stop('any', { restartAfter: 100 }));
    expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(result.faults[0]).toMatchObject({ landed: true });
  });

  test('whose command does not exist is said to have none', async () => {
    const running = run({ command: 'no-such-worker --fast' });
    await expect(running).rejects.toThrow(NodeFailed);
    await expect(running).rejects.toThrow(/code 127 before it was ready: there is no such command/);
  });

  test('that exits at once is told with its last words', async () => {
    await expect(run(wrong('exits'))).rejects.toThrow(
      /exited with code 3 before it was ready[^]*no ledger is configured/,
    );
  });

  test('that never gets ready is told what was waited for', async () => {
    await expect(run(wrong('silent'))).rejects.toThrow(
      /printed no "@understudy.*and sent no command to Redis within 10 s\. It must connect to.*REDIS_URL/,
    );
  });

  test('that is ready and ignores REDIS_URL is told so, and nothing is claimed of it', async () => {
    const result = await run(wrong('ignores'));
    expect(result.status).toBe('inconclusive');
    expect(reasonOf(result, 'landed')).toMatch(/node-1 never sent a byte.*ignores REDIS_URL/);
    expect(result.notes).toEqual([expect.stringContaining('no job is enqueued')]);
    expect(result.counts?.accepted).toBe(0);
  });

  test('that prints broken lines is told so, and judged all the same', async () => {
    const result = await run(wrong('malformed'));
    expect(result.status).toBe('pass');
    expect(result.notes).toContainEqual(
      expect.stringMatching(/^node-\d printed a line that begins with @understudy.*\(event: /),
    );
  });

  test('whose effects name no job is told so, and nothing is claimed of it', async () => {
    const result = await run(wrong('unnamed'));
    expect(result.status).toBe('inconclusive');
    expect(reasonOf(result, 'outcome')).toContain('60 effects name no job');
    expect(result.counts).toMatchObject({ lost: 0, undecided: 60 });
  });
});
