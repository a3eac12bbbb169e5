import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';

const ORDERED = { ordered: true };
const LANE = { lane: 'stream' };

describe('order', () => {
  test('passes effects in the order of enqueueing', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').enqueue('p-2');
    history.effect('p-1').effect('p-2');
    expect(history.judgedBy('order')).toMatchObject({
      verdict: 'pass',
      observed: '0 inversions among 1 jobs with one before them',
    });
  });

  test('refuses a job that overtook an earlier one of its account', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').enqueue('p-2');
    history.effect('p-2').effect('p-1');
    const result = history.judgedBy('order');
    expect(result).toMatchObject({ verdict: 'fail', totals: { inverted: 1 } });
    expect(result.anomalies).toEqual([
      {
        kind: 'inverted',
        job: 'p-2',
        overtaken: 'p-1',
        at: 5,
        detail: 'p-2 took effect at position 1, before p-1 at 2, which was enqueued earlier',
      },
    ]);
  });

  test('finds a job that overtook one long before it', () => {
    const history = new ExampleHistory(ORDERED, LANE);
    for (const job of ['p-1', 'p-2', 'p-3', 'p-4']) history.enqueue(job);
    for (const job of ['p-2', 'p-3', 'p-4', 'p-1']) history.effect(job);
    expect(history.judged().counts.inversions).toBe(3);
  });

  test('goes by the ledger, not by when an effect was seen', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').enqueue('p-2');
    history.effect('p-2', { position: 2 }).effect('p-1', { position: 1, source: 'final' });
    expect(history.judgedBy('order').verdict).toBe('pass');
  });

  test('counts the jobs whose place is known: the first of an account has none before it', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').enqueue('p-3');
    history.enqueue('q-1', { account: 'acc-2' });
    for (const job of ['p-1', 'p-2', 'p-3', 'q-1']) history.effect(job);
    expect(history.judged().counts.compared).toBe(2);
    const apart = new ExampleHistory().enqueue('p-1').enqueue('q-1', { account: 'acc-2' });
    expect(apart.effect('p-1').effect('q-1').judged().counts.compared).toBe(0);
  });

  test('does not compare jobs of different accounts', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1');
    history.enqueue('p-2', { account: 'acc-2' }).effect('p-2').effect('p-1');
    expect(history.judged().counts).toMatchObject({ inversions: 0, compared: 0 });
  });

  test('does not compare jobs of different producers', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1');
    history.enqueue('p-2', { process: 'producer-2' }).effect('p-2').effect('p-1');
    expect(history.judged().counts).toMatchObject({ inversions: 0, compared: 0 });
  });

  test('does not compare jobs that were under way at the same time', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1', {}, 'open').enqueue('p-2');
    history.add({ op: 'enqueue', type: 'ok', process: 'producer-1', job: 'p-1' });
    expect(history.effect('p-2').effect('p-1').judged().counts).toMatchObject({
      inversions: 0,
      compared: 0,
    });
  });

  test('does not compare with a job whose enqueueing has an unknown outcome', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1', {}, 'info').enqueue('p-2');
    expect(history.effect('p-2').effect('p-1').judged().counts).toMatchObject({
      inversions: 0,
      compared: 0,
    });
  });

  test('lets an account go on past a job without an effect', () => {
    const history = new ExampleHistory({ ...ORDERED, poison: ['p-1'] }, LANE).enqueue('p-1');
    history.enqueue('p-2').enqueue('p-3').effect('p-2').effect('p-3');
    history.end({ parkedJobs: ['p-1'] });
    expect(history.judgedBy('order').verdict).toBe('pass');
  });

  test('counts a job that was enqueued twice by its first enqueue', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').enqueue('p-2');
    history.enqueue('p-1', { copy: 2 }).effect('p-1').effect('p-2');
    expect(history.judgedBy('order').verdict).toBe('pass');
  });

  test('a second copy does not excuse a job that came too late', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').enqueue('p-2');
    history.enqueue('p-1', { copy: 2 }).effect('p-2').effect('p-1');
    expect(history.judgedBy('order').totals).toEqual({ inverted: 1 });
  });

  test('is inconclusive without an effect', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').end();
    expect(history.judgedBy('order').verdict).toBe('inconclusive');
  });

  test('is inconclusive when no job was enqueued after another of its account was acknowledged', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1', {}, 'open').enqueue('p-2');
    history.add({ op: 'enqueue', type: 'ok', process: 'producer-1', job: 'p-1' });
    const result = history.effect('p-1').effect('p-2').judgedBy('order');
    expect(result).toMatchObject({ verdict: 'inconclusive', totals: { 'nothing-compared': 1 } });
  });

  test('does not apply where each account has one job', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1');
    history.enqueue('q-1', { account: 'acc-2' }).effect('q-1').effect('p-1');
    expect(history.judgedBy('order')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'no account has two jobs to be in an order',
    });
  });

  test('goes by the first of several effects in the ledger, whatever was seen first', () => {
    const history = new ExampleHistory(ORDERED, LANE).enqueue('p-1').enqueue('p-2');
    history.effect('p-1', { position: 3 }).effect('p-2', { position: 2 });
    history.effect('p-1', { position: 1, source: 'final' });
    expect(history.judgedBy('order').verdict).toBe('pass');
  });

  test('is not applicable on the stream lane where all nodes work, and says so', () => {
    const history = new ExampleHistory({}, { ...LANE, mode: 'active-active' }).enqueue('p-1');
    expect(history.effect('p-1').judgedBy('order')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'where all nodes work no order is promised; inversions are counted, not judged',
    });
  });

  test('is not applicable where no order is promised; inversions are counted all the same', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').effect('p-2').effect('p-1');
    expect(history.judgedBy('order')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'the bullmq lane promises no order; inversions are counted, not judged',
    });
    expect(history.judged().counts.inversions).toBe(1);
    expect(history.end().judged().status).toBe('pass');
  });
});
