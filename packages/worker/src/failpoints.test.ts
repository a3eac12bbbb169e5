import { failpointSwitch } from '@understudy/runtime';
import { afterEach, expect, test } from 'vitest';
import { attemptJob, type AttemptScope } from './attempt.ts';
import { FakeLane, FakeLedger, job, manualSurroundings } from './fakes.test-support.ts';

afterEach(() => {
  failpointSwitch().hook = undefined;
});

/** Attempts p-1; the log has what was done and the failpoints passed, in order. */
async function logOf(answer: Awaited<ReturnType<FakeLedger['commit']>>): Promise<string[]> {
  const lane = new FakeLane();
  const ledger = new FakeLedger();
  const { log } = lane;
  ledger.answer = async (request) => {
    log.push(`commit ${request.job} sent`);
    await Promise.resolve();
    log.push('commit answered');
    return answer;
  };
  failpointSwitch().hook = (name, subject) => void log.push(`${name} ${subject}`);
  const scope: AttemptScope = {
    definition: { queue: 'q', handle: () => void log.push('handled') },
    lane,
    ledger,
    node: 'node-1',
    incarnation: 'i1',
    token: { epoch: 1, term: 't1' },
    idempotent: true,
    signal: new AbortController().signal,
    onFenced: () => undefined,
    report: ({ event }) => void log.push(event),
    track: (work) => void work,
    ...manualSurroundings(),
  };
  await attemptJob(scope, job('p-1'), () => false);
  return log;
}

test('the failpoints of a job stand between its steps', async () => {
  expect(await logOf({ status: 'applied', position: '1-0' })).toEqual([
    'after-fetch p-1',
    'attempt',
    'handled',
    'before-commit p-1',
    'commit p-1 sent',
    'commit answered',
    'after-commit p-1',
    'complete p-1',
    'after-ack p-1',
  ]);
});

test('a commit that was refused passes neither after-commit nor after-ack', async () => {
  const log = await logOf({ status: 'fenced', reason: 'stale-token', currentEpoch: 2 });
  expect(log.slice(-2)).toEqual(['commit answered', 'handBack p-1']);
});
