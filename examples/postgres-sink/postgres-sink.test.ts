import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findExperiment, firstJobs, loadSystem, readInput, runExperiment } from 'understudy';
import { type PrivatePostgres, startPostgres } from '../../test/servers/private-postgres.ts';
import { describeWithPostgres } from './postgres.test-support.ts';

const CONFIG = fileURLToPath(new URL('./understudy.config.ts', import.meta.url));
const PAYMENTS = fileURLToPath(new URL('../payments.ndjson', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

describeWithPostgres('jobs in BullMQ, effects in PostgreSQL', () => {
  let postgres: PrivatePostgres;
  let root: string;

  beforeAll(async () => {
    postgres = await startPostgres();
    process.env.DATABASE_URL = postgres.url;
    root = mkdtempSync(join(tmpdir(), 'understudy-postgres-sink-'));
  });
  afterAll(async () => {
    delete process.env.DATABASE_URL;
    rmSync(root, { recursive: true, force: true });
    await postgres[Symbol.asyncDispose]();
  });

  test.each([
    ['die in any order', 'kill-any', Array.from({ length: 3 }, () => ['kill', true])],
    ['stand still and wake up', 'pause-past-ttl', [['pause', true]]],
  ])('workers that %s book every payment once', async (_, name, landed) => {
    const experiment = findExperiment(name);
    if (!experiment) throw new TypeError(`there is no experiment ${name}`);
    const { result } = await runExperiment({
      experiment,
      subject: { system: await loadSystem(CONFIG), config: CONFIG },
      settings: {
        mode: 'active-active',
        // So slowly that there is work for the last fault, though effects are read now and then only.
        jobs: firstJobs(await readInput(PAYMENTS), 500),
        rate: 100,
      },
      root,
      environment: {
        ...process.env,
        // The command says `node`: that is the one that runs this.
        PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
        REDIS_SERVER: findRedisServer(REPOSITORY, process.env)?.path,
      },
    });
    const doubts = result.checkers.filter(
      ({ reason, verdict }) => reason && verdict !== 'not-applicable',
    );
    expect(doubts.map(({ checker, reason }) => `${checker}: ${reason}`)).toEqual([]);
    expect(result).toMatchObject({ status: 'pass', lane: 'system' });
    expect(result.counts).toMatchObject({ accepted: 500, ok: 500, lost: 0, duplicated: 0 });
    expect(result.faults.map((each) => [each.fault, each.landed])).toEqual(landed);
  });
});
