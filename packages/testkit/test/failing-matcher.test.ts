import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import '@understudy/testkit/matchers';
import { type Payment, startLab } from '@understudy/testkit';
import { parseInput } from 'understudy';
import { expect, it } from 'vitest';

const ONE = { account: 'a-1', amountCents: 1 };

/** What a failing assertion prints. */
function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'the assertion passed';
}

it('a matcher that fails on a real run tells how it happened, and how to inject it again', async () => {
  await using lab = await startLab({ mode: 'uncoordinated', nodes: 2, handlerMs: 50 });
  const jobs = Array.from(
    { length: 120 },
    // The fields in another order than the lab's own, and one more.
    (_, i): Payment => ({ amountCents: i, note: 'own', account: `a-${i % 2}`, id: `own-${i}` }),
  );
  // Who is not coordinated does twice what is enqueued twice.
  const run = await lab.run({ jobs, rate: 100, duplicates: 0.2, seed: 5, faults: ['kill'] });
  expect(run).toBeRefutedBy('duplicated');

  const message = messageOf(() => expect(run).toBeExactlyOnce());
  expect(message).toMatch(/^expected the run to be exactly once\noutcome: /);
  expect(message).toMatch(/^duplicated: own-\d+/m);
  expect(message).toMatch(
    /What happened around (the only|the first of \d+) duplicated \(outcome\)/,
  );
  expect(message).toMatch(/^> .* ledger +EFFECT of own-\d+/m);
  expect(message).toContain('seed 5');
  expect(message).toContain(`run: .understudy/runs/${run.run}`);
  const replay = `replay: npx understudy replay .understudy/runs/${run.run} --input .understudy/runs/${run.run}/jobs.ndjson`;
  expect(message).toContain(replay);

  // What a replay compares, before it injects anything.
  const read = (name: string): Promise<string> => readFile(join(run.directory, name), 'utf8');
  const { jobs: planned } = JSON.parse(await read('schedule.json')) as { jobs: { sha256: string } };
  const again = parseInput(await read('jobs.ndjson'), 'jobs.ndjson');
  expect(createHash('sha256').update(JSON.stringify(again)).digest('hex')).toBe(planned.sha256);
});

it('an order that no lane promises is told where the test asks for it', async () => {
  // Whatever the dead node had in hand comes after what the other has at the same time: about nine
  // jobs each, so that there is some of both whenever the kill comes.
  await using lab = await startLab({ mode: 'active-active', nodes: 2, handlerMs: 300 });
  const jobs = Array.from({ length: 200 }, (_, i): Payment => ({ ...ONE, id: `p-${i}` }));
  const run = await lab.run({ jobs, rate: 60, seed: 2, faults: ['kill'] });
  expect(run.counts?.inversions).toBeGreaterThan(0);
  const unordered = messageOf(() => expect(run).toKeepOrder());
  expect(unordered).toMatch(/What happened around (the only|the first of \d+) inverted \(order\)/);
  expect(unordered).toMatch(/^> .* ledger +EFFECT of /m);
});

it('a takeover that is slow for the test alone is told as well', async () => {
  await using lab = await startLab({ mode: 'active-passive', nodes: 2, handlerMs: 50 });
  const run = await lab.run({ jobs: 150, rate: 30, seed: 2, faults: ['kill'] });
  const slow = messageOf(() => expect(run).toFailOverWithin(0));
  expect(slow).toMatch(/What happened around the only takeover \(liveness\)/);
  expect(slow).toMatch(/kill/);
});
