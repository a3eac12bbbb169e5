import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';

const OK = new ExampleHistory().enqueue('p-1').effect('p-1');

describe('outcome passes', () => {
  test('an accepted job with one effect', () => {
    const verdict = OK.end().judged();
    expect(verdict.checkers[0]).toMatchObject({ checker: 'outcome', verdict: 'pass' });
    expect(verdict.counts).toMatchObject({ accepted: 1, effects: 1, ok: 1 });
  });

  test('and says what became of how many', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').enqueue('p-3', {}, 'info');
    history.effect('p-1').effect('p-2').end();
    expect(history.judgedBy('outcome').observed).toBe('2 accepted: 2 ok');
    history.effect('p-3').end();
    expect(history.judgedBy('outcome').observed).toBe('2 accepted: 2 ok, 1 recovered');
  });

  test('a job enqueued twice on purpose that has one effect', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-1', { copy: 2 }).effect('p-1');
    const { counts } = history.end().judged();
    expect(history.judgedBy('outcome').verdict).toBe('pass');
    expect(counts).toMatchObject({ accepted: 1, ok: 1, duplicateEnqueues: 1 });
  });

  test('attempts that came to nothing: only effects count', () => {
    const history = new ExampleHistory().enqueue('p-1').attempt('p-1').attempt('p-1', 'node-2');
    history.effect('p-1').end();
    expect(history.judgedBy('outcome').verdict).toBe('pass');
    expect(history.judged().counts.attempts).toBe(2);
  });

  test('an enqueue of unknown outcome that took effect is recovered, one that did not is nothing', () => {
    const history = new ExampleHistory()
      .enqueue('p-1', {}, 'info')
      .enqueue('p-2', {}, 'info')
      .enqueue('p-3', {}, 'open')
      .enqueue('p-4', {}, 'open')
      .enqueue('p-5')
      .effect('p-1')
      .effect('p-3')
      .effect('p-5')
      .end();
    expect(history.judgedBy('outcome')).toMatchObject({ verdict: 'pass', anomalies: [] });
    expect(history.judged().counts).toMatchObject({ accepted: 1, ok: 1, recovered: 2, lost: 0 });
  });

  test('an enqueue that certainly failed and had no effect', () => {
    const history = new ExampleHistory().enqueue('p-1', {}, 'fail').enqueue('p-2').effect('p-2');
    expect(history.end().judgedBy('outcome').verdict).toBe('pass');
  });

  test('a failed enqueue whose second copy was accepted', () => {
    const history = new ExampleHistory().enqueue('p-1', {}, 'fail').enqueue('p-1', { copy: 2 });
    history.effect('p-1').end();
    expect(history.judgedBy('outcome').verdict).toBe('pass');
    expect(history.judged().counts.ok).toBe(1);
  });

  test('a job that still waits, which is not lost: liveness judges how long', () => {
    const history = new ExampleHistory().enqueue('p-1').end({ pendingJobs: ['p-1'] });
    expect(history.judgedBy('outcome')).toMatchObject({ verdict: 'pass', totals: { pending: 1 } });
    expect(history.judged().counts).toMatchObject({ pending: 1, pendingJobs: ['p-1'], lost: 0 });
  });

  test('declared poison that was parked', () => {
    const history = new ExampleHistory({ poison: ['p-1'] }).enqueue('p-1');
    history.end({ parkedJobs: ['p-1'] });
    expect(history.judgedBy('outcome')).toMatchObject({ verdict: 'pass', totals: { parked: 1 } });
    expect(history.judged().counts).toMatchObject({ parked: 1, parkedUndeclared: 0 });
  });

  test('other jobs that were parked, which are not lost, and are reported apart', () => {
    const history = new ExampleHistory().enqueue('p-1').end({ parkedJobs: ['p-1'] });
    const result = history.judgedBy('outcome');
    expect(result).toMatchObject({ verdict: 'pass', totals: { 'parked-undeclared': 1 } });
    const counts = { parked: 1, parkedUndeclared: 1, parkedJobs: ['p-1'], lost: 0 };
    expect(history.judged().counts).toMatchObject(counts);
  });

  test('one entry of the log that was recorded twice is one effect', () => {
    const history = new ExampleHistory()
      .enqueue('p-1')
      .effect('p-1')
      .effect('p-1', { position: 1 });
    history.end({ entriesAdded: 1, entriesRead: 1, balances: { 'acc-1': 100 } });
    expect(history.judged().status).toBe('pass');
  });
});

describe('outcome refuses', () => {
  /** The kinds of finding, and the verdict. */
  function refused(history: ExampleHistory): { verdict: string; totals: Record<string, number> } {
    const { verdict, totals } = history.judgedBy('outcome');
    return { verdict, totals: { ...totals } };
  }

  test('a lost job: accepted, no effect, nowhere in the queue', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').effect('p-2').end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { lost: 1 } });
    expect(history.judgedBy('outcome')).toMatchObject({
      reason: '1 × lost: p-1 was accepted, has no effect and is not in the queue',
      anomalies: [{ kind: 'lost', job: 'p-1' }],
    });
    expect(history.judged().counts).toMatchObject({ lost: 1, lostJobs: ['p-1'], storeForgot: 0 });
  });

  test('a job that was parked and is not there any more', () => {
    const history = new ExampleHistory({ poison: ['p-1'] }).enqueue('p-1');
    history.add({ op: 'parked', type: 'info', process: 'node-1', job: 'p-1', reason: 'throws' });
    expect(refused(history.end())).toEqual({ verdict: 'fail', totals: { lost: 1 } });
  });

  test('a job that was attempted, and even completed in the queue, without an effect', () => {
    const history = new ExampleHistory().enqueue('p-1').attempt('p-1');
    history.end({ queue: { completed: 1 } });
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { lost: 1 } });
  });

  test('a job lost over a restart: by a store that keeps all as a loss of the fleet, else of the store', () => {
    const lostOver = (storeKeeps: 'none' | 'everysec' | 'always'): string[] => {
      const history = new ExampleHistory({ storeKeeps }).enqueue('p-1').store('restarted').end();
      const { verdict, anomalies } = history.judgedBy('outcome');
      return [verdict, ...anomalies.map(({ kind, detail }) => `${kind} | ${detail}`)];
    };
    const blamed = ['fail', 'lost: store forgot | p-1 was accepted before the store restarted'];
    expect(lostOver('none')).toEqual(blamed);
    expect(lostOver('everysec')).toEqual(blamed);
    expect(lostOver('always')[1]).toMatch(/^lost \| p-1 was accepted, has no effect/);
  });

  test('a job that a store lost which keeps all, as the loss of the store when data are missing', () => {
    const history = new ExampleHistory({ storeKeeps: 'always' }).enqueue('p-1');
    history.store('restarted').store('regressed').end();
    expect(refused(history).totals).toEqual({ 'lost: store forgot': 1 });
  });

  test('a job lost after the store lost data, as the loss of the store', () => {
    const history = new ExampleHistory().enqueue('p-1').store('regressed').enqueue('p-2').end();
    const totals = { 'lost: store forgot': 1, lost: 1 };
    expect(refused(history)).toEqual({ verdict: 'fail', totals });
    const kinds = history.judgedBy('outcome').anomalies.map(({ kind, job }) => [kind, job]);
    expect(kinds).toEqual([
      ['lost: store forgot', 'p-1'],
      ['lost', 'p-2'],
    ]);
    const counts = { lost: 2, storeForgot: 1, lostJobs: ['p-2', 'p-1'] };
    expect(history.judged().counts).toMatchObject(counts);
  });

  test('a duplicated job, by two nodes', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1', {
      node: 'node-2',
      epoch: 2,
    });
    expect(refused(history.end())).toEqual({ verdict: 'fail', totals: { duplicated: 1 } });
    const [anomaly] = history.judgedBy('outcome').anomalies;
    expect(anomaly).toMatchObject({ kind: 'duplicated', job: 'p-1', node: 'node-2', at: 4 });
    expect(anomaly?.detail).toBe(
      'p-1 has 2 effects: by node-1 under epoch 1 at 3 ms (position 1); ' +
        'by node-2 under epoch 2 at 4 ms (position 2)',
    );
    expect(history.judged().counts).toMatchObject({ duplicated: 1, ok: 0, effects: 2 });
    expect(history.judged().counts.duplicatedJobs).toEqual(['p-1']);
  });

  test('two effects of a job that was enqueued twice: a copy is no leave for a second effect', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-1', { copy: 2 });
    history.effect('p-1').effect('p-1').end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { duplicated: 1 } });
  });

  test('two effects of a job whose enqueueing has an unknown outcome', () => {
    const history = new ExampleHistory().enqueue('p-1', {}, 'info').effect('p-1').effect('p-1');
    expect(refused(history.end())).toEqual({ verdict: 'fail', totals: { duplicated: 1 } });
  });

  test.each([
    ['position', { position: 1, id: '2-0' }],
    ['id', { position: 2, id: '1-0' }],
  ])('two entries that share their %s are two all the same', (_, fields) => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1', fields);
    expect(refused(history.end())).toEqual({ verdict: 'fail', totals: { duplicated: 1 } });
  });

  test('a second effect that only the read at the end found', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1');
    history.effect('p-1', { source: 'final' }).end();
    expect(refused(history).totals).toEqual({ duplicated: 1 });
  });

  test('a duplicate that still stands in the queue as well', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1');
    expect(refused(history.end({ pendingJobs: ['p-1'] })).totals).toEqual({ duplicated: 1 });
  });

  test.each([
    ['never enqueued', new ExampleHistory(), /was never enqueued/],
    ['whose enqueueing failed', new ExampleHistory().enqueue('p-1', {}, 'fail'), /failed/],
  ])('an effect of a job %s', (_, history, detail) => {
    history.enqueue('p-2').effect('p-2').effect('p-1').end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { unexpected: 1 } });
    expect(history.judgedBy('outcome').anomalies[0]?.detail).toMatch(detail);
    expect(history.judged().counts.unexpectedJobs).toEqual(['p-1']);
  });

  test('an effect that was there before the job was enqueued', () => {
    const history = new ExampleHistory().effect('p-1').enqueue('p-1').end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { unexpected: 1 } });
    expect(history.judgedBy('outcome').anomalies[0]?.detail).toMatch(/before it was enqueued/);
  });

  test.each([
    ['amount', { amountCents: 101 }, /amountCents is 101 and was 100/],
    ['account', { account: 'acc-2' }, /account is acc-2 and was acc-1/],
    ['key', { key: 'p-9' }, /key is p-9 and was p-1/],
  ])('an effect with another %s than the job', (_, fields, detail) => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1', fields).end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { mismatched: 1 } });
    expect(history.judgedBy('outcome').anomalies[0]?.detail).toMatch(detail);
    expect(history.judged().counts.mismatched).toBe(1);
  });

  test('an effect that was seen and is gone', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').vanished('p-1', 1).end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { vanished: 1 } });
    expect(history.judged().counts).toMatchObject({ ok: 0, vanished: 1 });
  });

  test('the trimming of one of two effects, which hides no duplicate', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1');
    history.vanished('p-1', 1).end();
    expect(refused(history).totals).toEqual({ vanished: 1, duplicated: 1 });
  });

  test('an effect that a regressed store forgot, as the loss of the store', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').store('regressed');
    history.vanished('p-1', 1).end();
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { 'lost: store forgot': 1 } });
    expect(history.judged().counts).toMatchObject({ storeForgot: 1, lost: 1, duplicated: 0 });
  });

  test('an effect that vanished after the store had come back, as nobody else’s doing', () => {
    const history = new ExampleHistory().enqueue('p-1').store('restarted').effect('p-1');
    expect(refused(history.vanished('p-1', 1).end()).totals).toEqual({ vanished: 1 });
  });

  test('what a store forgot and a worker did again is no duplicate', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').store('regressed');
    history.effect('p-1').vanished('p-1', 1).end();
    expect(refused(history).totals).toEqual({ 'lost: store forgot': 1 });
    expect(history.judged().counts).toMatchObject({ ok: 1, duplicated: 0, lost: 0 });
  });

  test('a shared log that took more entries than could be read', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1');
    history.end({ entriesAdded: 9, entriesRead: 8, entriesOfOthers: 7 });
    expect(refused(history).totals).toEqual({ 'effect-log-incomplete': 1 });
  });

  test('an own effect that the read at the end did not return, among those of others', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1');
    history.end({ entriesAdded: 8, entriesRead: 8, entriesOfOthers: 8 });
    expect(refused(history).totals).toMatchObject({ vanished: 1 });
  });

  test('a log that took more entries than could be read: one of them may be a second effect', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1');
    history.end({ entriesAdded: 2, entriesRead: 1 });
    const totals = { 'effect-log-incomplete': 1 };
    expect(refused(history)).toEqual({ verdict: 'fail', totals });
    expect(history.judgedBy('outcome').reason).toMatch(/took 2 entries and returned 1/);
  });

  test('more effects in the history than the read at the end returned', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').enqueue('p-2').effect('p-2');
    history.end({ entriesAdded: 1, entriesRead: 1 });
    expect(refused(history)).toEqual({ verdict: 'fail', totals: { vanished: 1 } });
  });

  test('every one of many, showing the first twenty and counting all', () => {
    const history = new ExampleHistory();
    for (let n = 1; n <= 150; n++) history.enqueue(`p-${n}`);
    const verdict = history.end().judged();
    expect(verdict.checkers[0]?.totals).toEqual({ lost: 150 });
    expect(verdict.checkers[0]?.anomalies).toHaveLength(20);
    expect(verdict.counts.lost).toBe(150);
    expect(verdict.counts.lostJobs).toHaveLength(100);
    const pendingJobs = history.operations.map(({ seq }) => `p-${seq}`);
    const waiting = history.end({ pendingJobs }).judged().counts;
    expect(waiting).toMatchObject({ pending: 150, lost: 0 });
    expect(waiting.pendingJobs).toHaveLength(100);
  });
});

describe('outcome is inconclusive', () => {
  test('without an end: a job without an effect may still be in the queue', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').effect('p-2');
    const totals = { undecided: 1, 'no-end': 1 };
    expect(history.judgedBy('outcome')).toMatchObject({ verdict: 'inconclusive', totals });
    expect(history.judgedBy('outcome').anomalies[0]).toMatchObject({ job: 'p-1' });
    expect(history.judged().counts).toMatchObject({ undecided: 1, lost: 0 });
  });

  test('without an end even when all is well so far', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1');
    expect(history.judgedBy('outcome').verdict).toBe('inconclusive');
  });

  test('but not about what was seen: a duplicate without an end is a duplicate', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1');
    expect(history.judgedBy('outcome')).toMatchObject({
      verdict: 'fail',
      totals: { duplicated: 1 },
    });
  });

  test('when no job was observed at all', () => {
    const history = new ExampleHistory().end();
    const totals = { 'no-job': 1 };
    expect(history.judgedBy('outcome')).toMatchObject({ verdict: 'inconclusive', totals });
  });

  test('when the history holds fewer effects than the effect log', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1');
    history.end({ entriesAdded: 2, entriesRead: 2 });
    const totals = { 'history-incomplete': 1 };
    expect(history.judgedBy('outcome')).toMatchObject({ verdict: 'inconclusive', totals });
  });
});

describe('outcome cannot tell', () => {
  test('what is lost where effects name no job: any of them may be that job’s', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').effect('p-2');
    history.effect('(entry 9-0 names no job)', { unnamed: true }).to(60_000).end();
    const result = history.judgedBy('outcome');
    expect(result.verdict).toBe('inconclusive');
    expect(result.totals).toEqual({ undecided: 1, unnamed: 1 });
    expect(result.reason).toContain('write the id of the job into the field "job"');
    expect(history.judged().counts).toMatchObject({ lost: 0, unexpected: 0, undecided: 1 });
    expect(history.judgedBy('liveness').verdict).toBe('inconclusive');
    expect(history.judged().status).toBe('inconclusive');
  });

  test('but a duplicate that is named refutes beside effects that name no job', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1');
    history.effect('(entry 9-0 names no job)', { unnamed: true }).end();
    expect(history.judgedBy('outcome').verdict).toBe('fail');
  });

  test('whether a job is lost or waits where nobody can look into the queue', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').effect('p-2');
    history.end({ pendingUnknown: true });
    expect(history.judgedBy('outcome')).toMatchObject({
      verdict: 'inconclusive',
      totals: { undecided: 1 },
    });
  });
});
