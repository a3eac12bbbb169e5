import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';
import type { CheckerResult } from './verdict.ts';

const BY_2 = { node: 'node-2', epoch: 2 };

/** A job accepted at 2, then a fault on a standby that is healed at 1000. */
function healed(): ExampleHistory {
  const history = new ExampleHistory().enqueue('p-1').hit('pause', 'node-3');
  return history.to(999).fault('healed', 'pause', 'node-3');
}

/** node-1 leads under epoch 1 and is hit at 100, with two jobs waiting. */
function struck(fault: string): ExampleHistory {
  const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1').enqueue('p-2').to(99);
  return history.hit(fault, 'node-1');
}

function judged(history: ExampleHistory): Pick<CheckerResult, 'verdict' | 'totals'> {
  const { verdict, totals } = history.judgedBy('liveness');
  return { verdict, totals };
}

describe('liveness passes', () => {
  test('a job that took effect within the bound after the last heal', () => {
    const history = healed().to(5999).effect('p-1').end();
    expect(history.judgedBy('liveness')).toMatchObject({
      verdict: 'pass',
      limit: 5000,
      observed: '1 of 1 in time, the longest wait 5000 ms; no takeover seen',
    });
  });

  test('a job that was enqueued later, within the bound after its acceptance', () => {
    const history = healed().effect('p-1').to(20_000).enqueue('p-2').to(25_001).effect('p-2');
    expect(judged(history.end()).verdict).toBe('pass');
  });

  test('a run without faults, and says that no takeover is expected', () => {
    const history = new ExampleHistory().enqueue('p-1').effect('p-1').end();
    const { verdict, observed } = history.judgedBy('liveness');
    expect(verdict).toBe('pass');
    expect(observed).toMatch(/no fault planned, so no takeover expected/);
  });

  test('a job within the bound after the store came back', () => {
    const history = new ExampleHistory().enqueue('p-1').to(3000).store('restarted').to(8000);
    expect(judged(history.effect('p-1').end()).verdict).toBe('pass');
  });

  test('takeovers within their limits, and shows them beside the limits', () => {
    const history = struck('kill').to(599).effect('p-1', BY_2).effect('p-2', BY_2).end();
    const { verdict, observed } = history.judgedBy('liveness');
    expect(verdict).toBe('pass');
    expect(observed).toMatch(/takeovers: kill 500 ms \(limit 500 ms\)/);
  });

  test('declared poison that was parked', () => {
    const history = new ExampleHistory({ poison: ['p-1'] }).enqueue('p-1').enqueue('p-2');
    history
      .effect('p-2')
      .to(60_000)
      .end({ parkedJobs: ['p-1'] });
    expect(judged(history).verdict).toBe('pass');
  });

  test('an enqueue of unknown outcome that never took effect', () => {
    const history = new ExampleHistory().enqueue('p-1', {}, 'info').enqueue('p-2').effect('p-2');
    expect(judged(history.to(60_000).end()).verdict).toBe('pass');
  });

  test('a fleet that was not healthy before the first fault, which is for landed to judge', () => {
    const history = healed().effect('p-1').add({
      op: 'health',
      type: 'info',
      process: 'lab',
      phase: 'before-first-fault',
      healthy: false,
      detail: 'node-2 is down',
    });
    expect(judged(history.end()).verdict).toBe('pass');
  });

  test('a late takeover that another fault came between of', () => {
    const history = struck('kill').hit('pause', 'node-3', { id: 'f2' }).to(2000);
    history.effect('p-1', BY_2).effect('p-2', BY_2).end();
    const { verdict, observed } = history.judgedBy('liveness');
    expect(verdict).toBe('pass');
    expect(observed).toMatch(/f2 \(pause node-3\) came between/);
  });

  test('an effect that only the read at the end found, if that was within the bound', () => {
    const history = healed().to(5000).effect('p-1', { source: 'final' }).end();
    expect(judged(history).verdict).toBe('pass');
  });
});

describe('liveness refuses', () => {
  test('a job that took effect after the bound', () => {
    const history = healed().to(6000).effect('p-1').end();
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { late: 1 } });
    expect(history.judgedBy('liveness').reason).toBe(
      '1 × late: p-1 took effect after 5001 ms, the bound is 5000 ms',
    );
  });

  test('a job that still waits when the bound is over', () => {
    const history = healed()
      .to(9000)
      .end({ pendingJobs: ['p-1'] });
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { 'no-effect': 1 } });
    expect(history.judgedBy('outcome').verdict).toBe('pass');
  });

  test('a job that the store forgot, and names the store', () => {
    const history = new ExampleHistory().enqueue('p-1').store('regressed').to(9000).end();
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { 'no-effect': 1 } });
    const { reason } = history.judgedBy('liveness');
    expect(reason).toMatch(/the store lost data after it was accepted$/);
  });

  test('declared poison that is still tried when the bound is over', () => {
    const history = new ExampleHistory({ poison: ['p-1'] }).enqueue('p-1');
    history.to(9000).end({ pendingJobs: ['p-1'] });
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { 'no-effect': 1 } });
  });

  test('a job that was parked and not declared poison: it will never take effect', () => {
    const history = new ExampleHistory().enqueue('p-1').end({ parkedJobs: ['p-1'] });
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { 'parked-undeclared': 1 } });
  });

  test('a takeover beyond its limit', () => {
    const history = struck('kill').to(600).effect('p-1', BY_2).effect('p-2', BY_2).end();
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { 'takeover-late': 1 } });
    const detail = 'node-2 took over from node-1 (kill) after 501 ms, limit 500 ms';
    expect(history.judgedBy('liveness').anomalies).toMatchObject([{ node: 'node-2', detail }]);
  });

  test('a pause past its limit that nobody took over from, though the leader went on itself', () => {
    const history = struck('pause').to(3500).fault('healed', 'pause', 'node-1');
    history.effect('p-1').effect('p-2').end();
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { 'takeover-missed': 1 } });
    expect(history.judgedBy('liveness').reason).toMatch(
      /nobody took over from node-1 \(pause\) in 3401 ms, limit 3000 ms/,
    );
  });

  test('a killed leader that nobody ever took over from', () => {
    const history = struck('kill')
      .to(2000)
      .end({ pendingJobs: ['p-1', 'p-2'] });
    expect(judged(history)).toMatchObject({ verdict: 'fail', totals: { 'takeover-missed': 1 } });
  });

  test('a fleet that did not recover after the last heal', () => {
    const history = healed().effect('p-1').add({
      op: 'health',
      type: 'info',
      process: 'lab',
      phase: 'after-last-heal',
      healthy: false,
      detail: 'node-2 is down',
    });
    expect(judged(history.end())).toEqual({ verdict: 'fail', totals: { 'not-recovered': 1 } });
  });

  test('lateness that a stall of the lab is too short to explain', () => {
    const history = healed().to(5000).stall(500).to(7000).effect('p-1').end();
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { late: 1 } });
  });

  test('lateness beside a stall: what happened before or after explains nothing', () => {
    const history = healed().stall(900).to(6100).effect('p-1').to(9000).stall(2000).end();
    expect(judged(history)).toEqual({ verdict: 'fail', totals: { late: 1 } });
  });
});

describe('liveness is inconclusive', () => {
  test('when a stall of the lab may have made a job late', () => {
    const history = healed().to(5000).stall(500).to(6400).effect('p-1').end();
    const totals = { 'lab-stalled': 1 };
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals });
    expect(history.judgedBy('liveness').reason).toMatch(/the lab itself stood still for 500 ms/);
  });

  test('when a stall of the lab may have made a takeover late', () => {
    const history = struck('kill').to(550).stall(200).to(700).effect('p-1', BY_2);
    history.effect('p-2', BY_2).end();
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals: { 'lab-stalled': 1 } });
  });

  test('about a stall that two watchers noticed no more than once', () => {
    const history = struck('kill').to(550).stall(200).stall(200).to(850).effect('p-1', BY_2);
    expect(judged(history.effect('p-2', BY_2).end()).verdict).toBe('fail');
  });

  test('when the run ended before the bound was over', () => {
    const history = healed()
      .to(4000)
      .end({ pendingJobs: ['p-1'] });
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals: { 'too-early': 1 } });
  });

  test('when the run ended with the bound, to the millisecond', () => {
    const history = healed()
      .to(5999)
      .end({ pendingJobs: ['p-1'] });
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals: { 'too-early': 1 } });
  });

  test('when the history has no end, however long it is', () => {
    const history = healed().to(60_000).enqueue('p-2').effect('p-2');
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals: { 'too-early': 1 } });
  });

  test('when a late effect was found by the read at the end only', () => {
    const history = healed().to(9000).effect('p-1', { source: 'final' }).end();
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals: { untimed: 1 } });
  });

  test('when it was not seen when somebody took over', () => {
    const history = struck('kill').to(1000);
    for (const job of ['p-1', 'p-2']) history.effect(job, { ...BY_2, source: 'final' });
    expect(judged(history.end())).toEqual({
      verdict: 'inconclusive',
      totals: { 'takeover-untimed': 1 },
    });
  });

  test('when no job was accepted', () => {
    const history = new ExampleHistory().enqueue('p-1', {}, 'info').end();
    expect(judged(history)).toEqual({ verdict: 'inconclusive', totals: { 'no-job': 1 } });
  });
});
