import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findExperiment, firstJobs, readInput, runExperiment, type RunResult } from 'understudy';
import { describeWithPython, pythonEnvironment } from './python.test-support.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PAYMENTS = fileURLToPath(new URL('../payments.ndjson', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

describeWithPython('a worker in Python that commits by one script', () => {
  let root: string;
  beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'understudy-python-'))));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function run(name: string): Promise<RunResult> {
    const experiment = findExperiment(name);
    if (!experiment) throw new TypeError(`there is no experiment ${name}`);
    const { result } = await runExperiment({
      experiment,
      subject: {
        worker: {
          command: 'python3 worker.py',
          contract: 'stream',
          cwd: HERE,
          env: { ...pythonEnvironment() },
        },
      },
      settings: {
        mode: 'active-active',
        jobs: firstJobs(await readInput(PAYMENTS), 400),
        rate: 150,
      },
      root,
      environment: {
        ...process.env,
        REDIS_SERVER: findRedisServer(REPOSITORY, process.env)?.path,
      },
    });
    return result;
  }

  test.each(['kill-any', 'pause-past-ttl', 'lost-replies'])(
    '%s does not refute it',
    async (name) => {
      const result = await run(name);
      const doubts = result.checkers.filter(
        ({ reason, verdict }) => reason && verdict !== 'not-applicable',
      );
      expect(doubts.map(({ checker, reason }) => `${checker}: ${reason}`)).toEqual([]);
      expect(result).toMatchObject({ status: 'pass', lane: 'stream' });
      expect(result.counts).toMatchObject({ accepted: 400, ok: 400, lost: 0, duplicated: 0 });
      expect(result.faults.every(({ landed }) => landed)).toBe(true);
      const judged = Object.fromEntries(
        result.checkers.map((each) => [each.checker, each.verdict]),
      );
      expect(judged).toMatchObject({ fencing: 'not-applicable', conservation: 'not-applicable' });
    },
  );
});
