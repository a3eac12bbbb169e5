import {
  type CommitOutcome,
  type CommitRequest,
  CommitUnknown,
  type Ledger,
  LedgerUnavailable,
} from '@understudy/exactly-once';
import { ManualTime } from '@understudy/runtime';
import { expect, test } from 'vitest';
import type { BullmqJob } from './bullmq-shapes.ts';
import { memberOf } from './group-options.ts';
import { attemptSafely, type AttemptScope, type Right } from './safe-attempt.ts';
import type { SafeContext } from './safe-context.ts';

const TOKEN = { epoch: 4, term: 't-4' };

class FakeJob implements BullmqJob {
  id = '17';
  name = 'pay';
  data = { id: 'p-1' };
  opts = {};
  attemptsStarted = 1;
  readonly queueQualifiedName = 'bull:payments';
  readonly handedBack: (string | undefined)[] = [];

  moveToWait(token?: string): Promise<unknown> {
    this.handedBack.push(token);
    return Promise.resolve();
  }
}

/** Answers in turn; the last answer stays. */
function fakeLedger(...answers: (CommitOutcome | Error)[]) {
  const requests: CommitRequest[] = [];
  let lookup: () => Promise<{ position: string; digest: string } | null> = () =>
    Promise.resolve(null);
  const ledger = {
    requests,
    commit(request: CommitRequest) {
      requests.push(request);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    lookup: () => lookup(),
    looksUp: (next: typeof lookup) => (lookup = next),
  };
  return ledger as typeof ledger & Ledger;
}

/** Lets time pass in small steps, and whatever comes of each. */
async function pass(time: ManualTime, forMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < forMs; passedMs += 10) {
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
    time.advance(Math.min(10, forMs - passedMs));
  }
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

function setUp(
  ledger: Ledger,
  processor: (job: FakeJob, context: SafeContext) => unknown = (_, { credit }) => credit('a-1', 1),
) {
  const time = new ManualTime();
  const ended = new AbortController();
  const fenced: unknown[] = [];
  let right: Right | undefined = { token: TOKEN, signal: ended.signal };
  const group = { redisUrl: 'redis://127.0.0.1:1', group: 'g', timers: time, clock: time };
  const scope: AttemptScope<FakeJob, unknown> = {
    member: memberOf(group),
    ledger,
    processor,
    askForMs: 1000,
    right: () => right,
    strayWaitMs: () => 0,
    fenced: (token) => void fenced.push(token),
  };
  const job = new FakeJob();
  const attempt = (): Promise<unknown> => attemptSafely(scope, job, 'token-1', undefined);
  const loseRight = (): void => {
    right = undefined;
    ended.abort();
  };
  return { time, ended, fenced, job, attempt, loseRight };
}

const applied: CommitOutcome = { status: 'applied', position: '1-0' };
const unknown = new CommitUnknown('no reply');

test('the commit carries the job, the digest of name and data, the token and what was staged', async () => {
  const ledger = fakeLedger(applied);
  const { attempt } = setUp(ledger, (_, { credit, fencingToken, idempotencyKey }) => {
    expect({ fencingToken, idempotencyKey }).toEqual({
      fencingToken: TOKEN,
      idempotencyKey: 'p-1',
    });
    credit('a-1', 5);
    credit('a-2', -5);
    return 'done';
  });
  expect(await attempt()).toBe('done');
  expect(ledger.requests).toEqual([
    expect.objectContaining({
      ...{ job: 'p-1', key: 'p-1', token: TOKEN },
      credits: [
        { account: 'a-1', amountCents: 5 },
        { account: 'a-2', amountCents: -5 },
      ],
    }),
  ]);
});

test('C3: a commit whose reply was lost is asked again with the same key, and a duplicate is success', async () => {
  const ledger = fakeLedger(unknown, {
    status: 'duplicate',
    position: '1-0',
    tokenCurrent: true,
  });
  const { attempt, time, job } = setUp(ledger);
  const settled = attempt();
  await pass(time, 20);
  await settled;
  expect(ledger.requests.map(({ key }) => key)).toEqual(['p-1', 'p-1']);
  expect(job.handedBack).toEqual([]);
});

test('C4: a commit that stays unknown hands the job back and consumes no attempt', async () => {
  const { attempt, time, job } = setUp(fakeLedger(unknown));
  const settled = expect(attempt()).rejects.toMatchObject({
    code: 'HANDED_BACK',
    name: 'DelayedError',
  });
  await pass(time, 3000);
  await settled;
  expect(job.handedBack).toEqual(['token-1']);
});

test('L6: a fenced commit tells the leader, hands the job back and consumes no attempt', async () => {
  const { attempt, fenced, job } = setUp(
    fakeLedger({ status: 'fenced', reason: 'stale-token', currentEpoch: 5 }),
  );
  await expect(attempt()).rejects.toMatchObject({ code: 'HANDED_BACK' });
  expect(fenced).toEqual([TOKEN]);
  expect(job.handedBack).toEqual(['token-1']);
});

test('a conflict is for good: whatever attempts are left', async () => {
  const { attempt } = setUp(fakeLedger({ status: 'conflict', position: '1-0' }));
  await expect(attempt()).rejects.toMatchObject({
    code: 'CANNOT_COMMIT',
    name: 'UnrecoverableError',
  });
});

test('C2: a full ledger hands the job back, a while later', async () => {
  const { attempt, time, job } = setUp(fakeLedger({ status: 'capacity', keys: 9 }));
  const settled = expect(attempt()).rejects.toMatchObject({ code: 'HANDED_BACK' });
  await pass(time, 999);
  expect(job.handedBack).toEqual([]);
  await pass(time, 1);
  await settled;
});

test('a job that comes while another process leads goes back unseen', async () => {
  let seen = false;
  const ledger = fakeLedger(applied);
  const { attempt, loseRight, job } = setUp(ledger, () => (seen = true));
  loseRight();
  await expect(attempt()).rejects.toMatchObject({ code: 'HANDED_BACK' });
  expect({ seen, handedBack: job.handedBack }).toEqual({ seen: false, handedBack: ['token-1'] });
});

test('a processor that ignores the end of its term is left behind, and what it stages is dropped', async () => {
  const gate = Promise.withResolvers<void>();
  const late = Promise.withResolvers<unknown>();
  const ledger = fakeLedger(applied);
  const { attempt, loseRight, job } = setUp(ledger, async (_, { credit, signal }) => {
    await gate.promise;
    try {
      credit('a-1', 1);
    } catch (error) {
      late.resolve({ error, aborted: signal.aborted });
    }
  });
  const settled = attempt();
  loseRight();
  await expect(settled).rejects.toMatchObject({ code: 'HANDED_BACK' });
  expect(job.handedBack).toEqual(['token-1']);
  gate.resolve();
  expect(await late.promise).toMatchObject({ error: { code: 'INVALID_CREDIT' }, aborted: true });
  expect(ledger.requests).toEqual([]);
});

test('C4: before a job is called failed the ledger is asked, until it answers', async () => {
  const ledger = fakeLedger(applied);
  const answers = [
    () => Promise.reject(new LedgerUnavailable('down')),
    () => Promise.resolve(null),
  ];
  ledger.looksUp(() => (answers.shift() ?? (() => Promise.resolve(null)))());
  const { attempt, time } = setUp(ledger, () => {
    throw new Error('refused by the bank');
  });
  const settled = expect(attempt()).rejects.toThrow('refused by the bank');
  await pass(time, 20);
  await settled;
  expect(answers).toEqual([]);
});

test('C4: a ledger that does not answer hands the job back rather than let it fail', async () => {
  const ledger = fakeLedger(applied);
  ledger.looksUp(() => Promise.reject(new LedgerUnavailable('down')));
  const { attempt, time, job } = setUp(ledger, () => {
    throw new Error('refused by the bank');
  });
  const settled = expect(attempt()).rejects.toMatchObject({ code: 'HANDED_BACK' });
  await pass(time, 3000);
  await settled;
  expect(job.handedBack).toEqual(['token-1']);
});

test('what can never be committed is an error of the processor', async () => {
  const { attempt } = setUp(fakeLedger(applied), (_, { credit }) => credit('a-1', 0.5));
  await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_CREDIT' });
});
