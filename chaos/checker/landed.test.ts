import type { HealthOperation } from '@understudy/history';
import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';

const SCHEDULE = [{ id: 'f1', fault: 'kill', target: 'leader' }];
const BEFORE: Omit<HealthOperation, 'seq' | 'at'> = {
  op: 'health',
  type: 'info',
  process: 'lab',
  phase: 'before-first-fault',
  healthy: true,
  detail: '3 of 3 nodes ready',
};

/** A run with one planned fault and a job in flight. */
function history(): ExampleHistory {
  return new ExampleHistory({ schedule: SCHEDULE }).add(BEFORE).enqueue('p-1');
}

describe('landed passes', () => {
  test('a planned fault that landed, with evidence, while a job was unfinished', () => {
    const result = history().hit('kill', 'node-1').effect('p-1').end().judgedBy('landed');
    expect(result).toMatchObject({ verdict: 'pass', limit: 1, observed: '1 of 1 landed' });
  });

  test('a run without faults', () => {
    const result = new ExampleHistory().enqueue('p-1').effect('p-1').end().judgedBy('landed');
    expect(result).toMatchObject({ verdict: 'pass', observed: 'no fault planned' });
  });

  test('a fault before the first job, if jobs came', () => {
    const early = new ExampleHistory({ schedule: SCHEDULE }).hit('kill', 'node-1', {
      unfinished: undefined,
    });
    expect(early.enqueue('p-1').judgedBy('landed').verdict).toBe('pass');
  });

  test('evidence that came a moment after the last job was done', () => {
    const late = history().fault('inject', 'kill', 'node-1').effect('p-1');
    late.fault('landed', 'kill', 'node-1', { unfinished: undefined });
    expect(late.judgedBy('landed').verdict).toBe('pass');
  });
});

describe('landed is inconclusive', () => {
  test.each([
    ['a planned fault never fired', history(), 'never-fired', /f1 \(kill leader\)/],
    [
      'another fault was done in its name',
      history().hit('pause', 'node-1'),
      'never-fired',
      /f1 \(kill leader\)/,
    ],
    [
      'a fault was injected and not seen to land',
      history().fault('inject', 'kill', 'node-1'),
      'not-landed',
      /f1 \(kill node-1\)/,
    ],
    [
      'one of several nodes was not hit',
      history().hit('kill', 'node-1').fault('inject', 'kill', 'node-2'),
      'not-landed',
      /f1 \(kill node-2\)/,
    ],
    [
      'there is no evidence',
      history().hit('kill', 'node-1', { evidence: undefined }),
      'no-evidence',
      /without evidence/,
    ],
    [
      'the evidence is empty',
      history().hit('kill', 'node-1', { evidence: '' }),
      'no-evidence',
      /without evidence/,
    ],
    [
      'the fault was refused',
      history().fault('refused', 'kill', 'node-1', { evidence: 'no such process' }),
      'refused',
      /no such process/,
    ],
    [
      'the lab says that no job was unfinished',
      history().hit('kill', 'node-1', { unfinished: 0 }),
      'no-work',
      /no job was unfinished/,
    ],
    [
      'by the history no job was unfinished',
      history().effect('p-1').hit('kill', 'node-1', { unfinished: undefined }).end(),
      'no-work',
      /no job was unfinished/,
    ],
    [
      'the fleet was not healthy before the first fault',
      history()
        .add({ ...BEFORE, healthy: false, detail: 'node-3 is silent' })
        .hit('kill', 'node-1'),
      'unhealthy-before',
      /node-3 is silent/,
    ],
    [
      'no job was observed',
      new ExampleHistory({ schedule: SCHEDULE }).hit('kill', 'node-1'),
      'no-job',
      /no job was accepted/,
    ],
    [
      'a node never used the Redis that it was given',
      new ExampleHistory()
        .enqueue('p-1')
        .effect('p-1')
        .end({ withoutTraffic: ['node-2'] }),
      'ignores-redis-url',
      /node-2 never sent a byte.*ignores REDIS_URL/,
    ],
    [
      'a fault that nobody planned did not land',
      new ExampleHistory().enqueue('p-1').fault('inject', 'pause', 'node-1'),
      'not-landed',
      /f1 \(pause node-1\)/,
    ],
  ])('when %s', (_, made, kind, reason) => {
    const result = made.judgedBy('landed');
    expect(result.verdict).toBe('inconclusive');
    expect(result.totals).toEqual({ [kind]: 1 });
    expect(result.reason).toMatch(reason);
  });

  test('and says how many of how many landed', () => {
    expect(history().judgedBy('landed').observed).toBe('0 of 1 landed');
    const unplanned = new ExampleHistory().enqueue('p-1').hit('pause', 'node-1');
    expect(unplanned.judgedBy('landed').observed).toBe('1 of 1 landed');
    const second = history().hit('kill', 'node-1').fault('inject', 'kill', 'node-2');
    expect(second.judgedBy('landed').observed).toBe('1 of 2 landed');
  });

  test('and a run with such a doubt cannot pass, but can be refuted', () => {
    const doubtful = history().effect('p-1').end();
    expect(doubtful.judged().status).toBe('inconclusive');
    const refuted = history().effect('p-1').effect('p-1').end();
    expect(refuted.judged().status).toBe('fail');
  });
});
