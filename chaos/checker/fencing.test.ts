import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';

describe('fencing passes', () => {
  test('epochs that rise, each of one term of one node', () => {
    const history = new ExampleHistory()
      .leads('node-1', 1)
      .effect('p-1')
      .leads('node-2', 2)
      .effect('p-2', { node: 'node-2', epoch: 2 })
      .effect('p-3', { node: 'node-2', epoch: 2 });
    expect(history.judgedBy('fencing')).toMatchObject({
      verdict: 'pass',
      observed:
        'epochs in ledger order: 2; believed leadership overlapped 1 ×, at most 2 ms (allowed)',
    });
  });

  test('an overlap of believed leadership is reported, and allowed', () => {
    const history = new ExampleHistory()
      .leads('node-1', 1)
      .effect('p-1')
      .to(100)
      .leads('node-2', 2)
      .to(299)
      .state('node-1', 'passive')
      .effect('p-2', { node: 'node-2', epoch: 2 })
      .to(500)
      .leads('node-3', 3)
      .state('node-2', 'down');
    const { verdict, observed } = history.judgedBy('fencing');
    expect(verdict).toBe('pass');
    expect(observed).toMatch(/overlapped 2 ×, at most 199 ms \(allowed\)/);
  });

  test('epochs that were never used leave gaps, which is no matter', () => {
    const history = new ExampleHistory().effect('p-1', { epoch: 3 }).effect('p-2', { epoch: 9 });
    expect(history.judgedBy('fencing').verdict).toBe('pass');
  });

  test('effects that were found at the end only, in their place of the ledger', () => {
    const history = new ExampleHistory()
      .effect('p-1', { position: 1 })
      .effect('p-3', { position: 3, epoch: 2, node: 'node-2' })
      .effect('p-2', { position: 2, source: 'final' });
    expect(history.judgedBy('fencing').verdict).toBe('pass');
  });

  test('a standby that says which epoch it sees', () => {
    const history = new ExampleHistory()
      .leads('node-1', 1)
      .state('node-2', 'passive', { epoch: 1, term: 'term-1' })
      .effect('p-1');
    expect(history.judgedBy('fencing').verdict).toBe('pass');
  });

  test('a worker that names no terms and no incarnations', () => {
    const nameless = { term: undefined, incarnation: undefined };
    const history = new ExampleHistory()
      .leads('node-1', 1)
      .effect('p-1', nameless)
      .effect('p-2', { ...nameless, node: 'node-2', epoch: 2 });
    expect(history.judgedBy('fencing').verdict).toBe('pass');
  });
});

describe('fencing refuses', () => {
  test('a stale leader whose effects are accepted after its successor’s', () => {
    const history = new ExampleHistory()
      .effect('p-1')
      .effect('p-2', { node: 'node-2', epoch: 2 })
      .effect('p-3')
      .effect('p-4');
    const result = history.judgedBy('fencing');
    expect(result).toMatchObject({ verdict: 'fail', totals: { 'epoch-decreased': 2 } });
    expect(result.anomalies).toMatchObject([{ node: 'node-1', job: 'p-3', at: 3 }]);
    expect(result.anomalies[0]?.detail).toBe(
      'node-1 had effects accepted under epoch 1 (positions 3 to 4) after epoch 2 of node-2',
    );
  });

  test('a stale effect that the read at the end found after a newer one', () => {
    const history = new ExampleHistory()
      .effect('p-2', { position: 1, node: 'node-2', epoch: 2 })
      .effect('p-1', { position: 2, source: 'final' });
    expect(history.judgedBy('fencing').totals).toEqual({ 'epoch-decreased': 1 });
  });

  test('two terms with one epoch, by their effects', () => {
    const history = new ExampleHistory()
      .effect('p-1', { term: 'a' })
      .effect('p-2', { term: 'b', node: 'node-2' })
      .effect('p-3', { term: 'b', node: 'node-2' });
    const result = history.judgedBy('fencing');
    expect(result).toMatchObject({ verdict: 'fail', totals: { 'epoch-shared': 1 } });
    expect(result.anomalies[0]?.detail).toBe(
      'epoch 1 belongs to term a of node-1 (node-1/a) and to term b of node-2 (node-2/a)',
    );
  });

  test('two leaders with one epoch, by what they say, before either has an effect', () => {
    const history = new ExampleHistory()
      .leads('node-1', 1)
      .state('node-2', 'active', { epoch: 1, term: 'other' });
    expect(history.judgedBy('fencing')).toMatchObject({
      verdict: 'fail',
      totals: { 'epoch-shared': 1 },
    });
  });

  test('one term used by two nodes', () => {
    const history = new ExampleHistory().effect('p-1').effect('p-2', { node: 'node-2' });
    expect(history.judgedBy('fencing').totals).toEqual({ 'epoch-shared': 1 });
  });

  test('a term that outlives its incarnation', () => {
    const history = new ExampleHistory().effect('p-1').effect('p-2', { incarnation: 'node-1/b' });
    expect(history.judgedBy('fencing').totals).toEqual({ 'epoch-shared': 1 });
  });

  test('effects by another node than the one that says it leads under the epoch', () => {
    const history = new ExampleHistory().leads('node-1', 1).effect('p-1', { node: 'node-2' });
    expect(history.judgedBy('fencing').totals).toEqual({ 'epoch-shared': 1 });
  });

  test('one term with two epochs', () => {
    const history = new ExampleHistory()
      .effect('p-1', { term: 'a' })
      .effect('p-2', { term: 'a', epoch: 2 });
    const result = history.judgedBy('fencing');
    expect(result).toMatchObject({ verdict: 'fail', totals: { 'term-split': 1 } });
    expect(result.anomalies[0]?.detail).toBe('term a has the epochs 1 and 2');
  });

  test('effects without an epoch in a fleet that has epochs', () => {
    const history = new ExampleHistory().effect('p-1').effect('p-2', { epoch: undefined });
    expect(history.judgedBy('fencing')).toMatchObject({
      verdict: 'fail',
      totals: { 'no-epoch': 1 },
    });
  });

  test('an epoch that was given anew after the store regressed, and names the store', () => {
    const history = new ExampleHistory()
      .effect('p-1', { epoch: 4 })
      .store('regressed')
      .effect('p-2', { epoch: 3, node: 'node-2', term: 'anew' })
      .leads('node-3', 4);
    const result = history.judgedBy('fencing');
    expect(result.totals).toEqual({ 'epoch-decreased': 1, 'epoch-shared': 1 });
    for (const { detail } of result.anomalies) expect(detail).toMatch(/the store had lost data$/);
  });

  test('and does not blame a store that lost nothing in between', () => {
    const history = new ExampleHistory()
      .store('restarted')
      .effect('p-1', { epoch: 4 })
      .effect('p-2', { epoch: 3 });
    expect(history.judgedBy('fencing').anomalies[0]?.detail).not.toMatch(/store/);
  });
});

describe('fencing is not', () => {
  test('applicable where effects carry no epochs', () => {
    const history = new ExampleHistory({ epochs: false }).enqueue('p-1').effect('p-1').end();
    expect(history.judgedBy('fencing')).toMatchObject({
      verdict: 'not-applicable',
      reason: 'effects carry no epochs in this fleet',
    });
    expect(history.judged().status).toBe('pass');
  });

  test('conclusive without an effect', () => {
    const history = new ExampleHistory().leads('node-1', 1);
    expect(history.judgedBy('fencing')).toMatchObject({
      verdict: 'inconclusive',
      totals: { 'no-effect': 1 },
    });
  });

  test('conclusive when the order of the ledger is not known', () => {
    const history = new ExampleHistory()
      .effect('p-1')
      .effect('p-2', { position: 1, id: '1-1', epoch: 2, node: 'node-2' });
    expect(history.judgedBy('fencing')).toMatchObject({
      verdict: 'inconclusive',
      totals: { 'position-twice': 1 },
    });
  });
});

test('effects of which none carries an epoch are not judged where it was not known before', () => {
  const bare = { epoch: undefined, term: undefined };
  const silent = new ExampleHistory({ epochsIfTold: true }).enqueue('p-1').effect('p-1', bare);
  expect(silent.end().judgedBy('fencing')).toMatchObject({
    verdict: 'not-applicable',
    reason: expect.stringContaining('no effect carries an epoch'),
  });
  const mixed = new ExampleHistory({ epochsIfTold: true }).enqueue('p-1').enqueue('p-2');
  mixed.effect('p-1').effect('p-2', bare);
  expect(mixed.end().judgedBy('fencing').verdict).toBe('fail');
});
