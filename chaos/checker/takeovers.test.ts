import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';
import { takeoverLimitMs } from './takeover-limit.ts';
import type { Takeover } from './verdict.ts';

/** node-1 leads under epoch 1, three jobs are accepted, the first is done; the time is 100. */
function led(): ExampleHistory {
  const history = new ExampleHistory().leads('node-1', 1);
  for (const node of ['node-2', 'node-3']) history.state(node, 'passive');
  for (const job of ['p-1', 'p-2', 'p-3']) history.enqueue(job);
  return history.effect('p-1').to(99);
}

/** The takeovers, each as the fields that `expected` has. */
function takeovers(history: ExampleHistory): readonly Takeover[] {
  return history.judged().takeovers;
}

const BY_2 = { node: 'node-2', epoch: 2 };

describe('a takeover of the lead', () => {
  test('lasts from the fault to the first effect under a higher epoch by another node', () => {
    const history = led().hit('kill', 'node-1').to(131).effect('p-2', BY_2).effect('p-3', BY_2);
    expect(takeovers(history)).toEqual([
      {
        faultId: 'f1',
        cause: 'kill',
        from: 'node-1',
        to: 'node-2',
        ms: 32,
        limitMs: 500,
        at: 132,
      },
    ]);
  });

  test('is none of the leader’s own effects that are seen late', () => {
    const history = led().hit('kill', 'node-1').to(110).effect('p-2').to(149).effect('p-3', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 50, at: 150 }]);
  });

  test('is none of the effects of an earlier leader that are seen late', () => {
    const history = led().leads('node-2', 2).hit('kill', 'node-2').effect('p-2');
    history.to(199).effect('p-3', { node: 'node-3', epoch: 3 });
    expect(takeovers(history)).toMatchObject([{ from: 'node-2', to: 'node-3', at: 200 }]);
  });

  test('counts evidence that comes after the successor’s first effect', () => {
    const history = led().fault('inject', 'kill', 'node-1').effect('p-2', BY_2);
    history.fault('landed', 'kill', 'node-1');
    expect(takeovers(history)).toMatchObject([{ cause: 'kill', ms: 1 }]);
  });

  test('is none when there is no evidence that the fault landed', () => {
    const history = led().fault('inject', 'kill', 'node-1').effect('p-2', BY_2);
    expect(takeovers(history)).toEqual([]);
  });

  test('after a death behind a dead line is held to the limit of the line', () => {
    const history = led().hit('partition', 'node-1').hit('kill', 'node-1', { id: 'f2' });
    history.to(1500).effect('p-2', BY_2).effect('p-3', BY_2);
    expect(takeovers(history)).toMatchObject([
      { cause: 'partition', limitMs: 3000 },
      { cause: 'kill', limitMs: 3000 },
    ]);
    const healed = led().hit('partition', 'node-2').fault('healed', 'partition', 'node-2');
    healed.hit('kill', 'node-1', { id: 'f2' }).to(1500).effect('p-2', BY_2).effect('p-3', BY_2);
    expect(takeovers(healed)).toMatchObject([{ cause: 'kill', limitMs: 500 }]);
  });

  test('is none after a fault that lets the leader work on, however long that lasts', () => {
    for (const fault of ['latency', 'clock-skew', 'bandwidth', 'reset']) {
      const history = led().hit(fault, 'node-1').to(4500).effect('p-2').effect('p-3');
      expect(takeovers(history)).toEqual([]);
      expect(history.judgedBy('liveness').verdict).not.toBe('fail');
    }
  });

  test('is none when a standby was hit', () => {
    const history = led().hit('kill', 'node-2').effect('p-2').effect('p-3');
    expect(takeovers(history)).toEqual([]);
  });

  test('is none when a stale leader was hit, which only believes to lead', () => {
    const history = led().leads('node-2', 2).hit('kill', 'node-1').effect('p-2', BY_2);
    expect(takeovers(history)).toEqual([]);
  });

  test('goes to the next incarnation of the same node as well', () => {
    const history = led().hit('kill', 'node-1').to(299);
    history.effect('p-2', { epoch: 2, incarnation: 'node-1/b' });
    expect(takeovers(history)).toMatchObject([{ from: 'node-1', to: 'node-1', ms: 200 }]);
  });

  test('knows the next incarnation by its state where effects name none', () => {
    const nameless = { epoch: 2, incarnation: undefined };
    const history = led()
      .hit('kill', 'node-1')
      .effect('p-2', { ...nameless, epoch: 1 });
    history.leads('node-1', 2, 'node-1/b').to(299).effect('p-3', nameless);
    expect(takeovers(history)).toMatchObject([{ to: 'node-1', at: 300 }]);
  });

  test('is believed where the lab says that the target led, whatever the node said', () => {
    const silent = new ExampleHistory().enqueue('p-1').enqueue('p-2').effect('p-1').to(99);
    silent.hit('kill', 'node-1', { role: 'leader' }).to(119).effect('p-2', BY_2);
    expect(takeovers(silent)).toMatchObject([{ from: 'node-1', to: 'node-2', ms: 20 }]);
  });

  test('without epochs is the first effect by another incarnation', () => {
    const history = new ExampleHistory({ epochs: false }).leads('node-1', 1).enqueue('p-1').to(99);
    history.hit('kill', 'node-1').to(119).effect('p-1', { node: 'node-2' });
    expect(takeovers(history)).toMatchObject([{ to: 'node-2', ms: 20 }]);
  });

  test('after a stop is counted from the last effect of the leader, which drains', () => {
    const history = led().hit('stop', 'node-1').to(149).effect('p-2').to(159);
    expect(takeovers(history.effect('p-3', BY_2))).toMatchObject([{ cause: 'stop', ms: 10 }]);
  });

  test('after a stop with nothing to drain is counted from the fault', () => {
    const history = led().hit('stop', 'node-1').to(159).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ cause: 'stop', ms: 60 }]);
  });

  test('does not count the time in which there was nothing to do', () => {
    const history = led().effect('p-2').effect('p-3').hit('kill', 'node-1').to(5000);
    history.enqueue('p-4').to(5019).effect('p-4', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 19, at: 5020 }]);
  });

  test('does not count poison, which is never done, as something to do', () => {
    const history = new ExampleHistory({ poison: ['p-1'] }).leads('node-1', 1).enqueue('p-1');
    history.hit('kill', 'node-1').to(5000).enqueue('p-2').to(5019).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 19 }]);
  });

  test.each([
    ['whose outcome is unknown', 'info'],
    ['that failed', 'fail'],
  ] as const)('does not count an enqueue %s as something to do', (_, ending) => {
    const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1', {}, ending);
    history.hit('kill', 'node-1').to(5000).enqueue('p-2').to(5019).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 19 }]);
  });

  test.each([
    ['that has its effect', (history: ExampleHistory) => history.effect('p-1')],
    [
      'that was parked',
      (history: ExampleHistory) =>
        history.add({
          op: 'parked',
          type: 'info',
          process: 'node-1',
          job: 'p-1',
          reason: 'throws',
        }),
    ],
  ])('does not count a second copy of a job %s as something to do', (_, settle) => {
    const history = settle(new ExampleHistory().leads('node-1', 1).enqueue('p-1'));
    history.enqueue('p-1', { copy: 2 }).hit('kill', 'node-1').to(5000);
    history.enqueue('p-2').to(5019).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 19 }]);
  });

  test('counts a job whose second enqueue failed, as the first was accepted', () => {
    const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1');
    history.enqueue('p-1', { copy: 2 }, 'fail').to(99).hit('kill', 'node-1').to(199);
    history.enqueue('p-2').effect('p-1', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 102 }]);
  });

  test('without epochs or incarnations is none of the effects of the node that was hit', () => {
    const silent = new ExampleHistory({ epochs: false }).enqueue('p-1').enqueue('p-2').to(99);
    silent.hit('kill', 'node-1', { role: 'leader' }).effect('p-1');
    silent.to(149).effect('p-2', { node: 'node-2' });
    expect(takeovers(silent)).toMatchObject([{ to: 'node-2', ms: 50 }]);
  });

  test('of a pause is none when the leader goes on after a moment', () => {
    const history = led().hit('pause', 'node-1').to(900).fault('healed', 'pause', 'node-1');
    history.effect('p-2').effect('p-3').end();
    expect(takeovers(history)).toEqual([]);
    expect(history.judgedBy('liveness').verdict).toBe('pass');
  });

  test('that only the read at the end found has no time', () => {
    const history = led()
      .hit('kill', 'node-1')
      .to(4000)
      .effect('p-2', { ...BY_2, source: 'final' });
    expect(takeovers(history)).toEqual([]);
  });

  test('is excused when another fault comes between', () => {
    const history = led().hit('kill', 'node-1').to(300).leads('node-2', 2);
    history.hit('kill', 'node-2', { id: 'f2' }).to(599).effect('p-2', { node: 'node-3', epoch: 3 });
    expect(takeovers(history)).toMatchObject([
      { faultId: 'f1', to: 'node-3', ms: 500, excused: 'f2 (kill node-2) came between' },
      { faultId: 'f2', to: 'node-3', ms: 298 },
    ]);
  });

  test('is excused by the first of several faults that come between', () => {
    const history = led().hit('kill', 'node-1').hit('pause', 'node-3', { id: 'f2' });
    history.hit('kill', 'node-3', { id: 'f3' }).to(4000).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ excused: 'f2 (pause node-3) came between' }]);
  });

  test('is excused when the store restarts in between', () => {
    const history = led().hit('kill', 'node-1').store('restarted').to(4000).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ excused: 'the store restarted in between' }]);
  });

  test('is not excused by a node that was hit and is healed', () => {
    const history = led().state('node-2', 'down').hit('pause', 'node-3', { id: 'f0' });
    history.fault('healed', 'pause', 'node-3', { id: 'f0' }).hit('kill', 'node-1').to(4000);
    const [takeover] = takeovers(history.effect('p-2', { node: 'node-3', epoch: 2 }));
    expect(takeover).toMatchObject({ from: 'node-1', to: 'node-3' });
    expect(takeover?.excused).toBeUndefined();
  });

  test('is not shown by an effect under the epoch of the leader, whoever had it', () => {
    const history = led().hit('kill', 'node-1').effect('p-2', { node: 'node-2', epoch: 1 });
    history.to(199).effect('p-3', BY_2);
    expect(takeovers(history)).toMatchObject([{ ms: 100, at: 200 }]);
  });

  test('knows the epoch of a silent leader by its effects', () => {
    const history = new ExampleHistory().enqueue('p-1').enqueue('p-2').enqueue('p-3');
    history.effect('p-1', BY_2).hit('kill', 'node-2', { role: 'leader' }).effect('p-2').to(199);
    history.effect('p-3', { node: 'node-3', epoch: 3 });
    expect(takeovers(history)).toMatchObject([{ from: 'node-2', to: 'node-3', at: 200 }]);
  });

  test('finds no other node in a Redis server that was hit', () => {
    const history = new ExampleHistory({}, { nodes: ['node-1'] }).leads('node-1', 1);
    history.fault('inject', 'restart', 'data').fault('healed', 'restart', 'data');
    history.enqueue('p-1').hit('kill', 'node-1').to(4000).effect('p-1', BY_2);
    expect(takeovers(history)).toMatchObject([{ excused: 'no other node was there to take over' }]);
  });

  test('is excused when no other node was there', () => {
    const history = led().state('node-2', 'down').hit('pause', 'node-3', { id: 'f0' });
    history.hit('kill', 'node-1').to(4000).effect('p-2', BY_2);
    expect(takeovers(history)).toMatchObject([{ excused: 'no other node was there to take over' }]);
  });
});

describe('a takeover of jobs in flight', () => {
  /** node-1 works on p-1 and p-2, node-2 on p-3; the time is 100. */
  function busy(): ExampleHistory {
    const history = new ExampleHistory({ epochs: false }, { mode: 'active-active' });
    for (const job of ['p-1', 'p-2', 'p-3']) history.enqueue(job);
    return history.attempt('p-1').attempt('p-2').attempt('p-3', 'node-2').to(99);
  }

  test('lasts until the last job of the dead node took effect elsewhere', () => {
    const history = busy().hit('kill', 'node-1').effect('p-3', { node: 'node-2' });
    history.to(119).effect('p-2', { node: 'node-2' }).to(139).effect('p-1', { node: 'node-3' });
    expect(takeovers(history)).toEqual([
      { faultId: 'f1', cause: 'kill', from: 'node-1', to: 'node-3', ms: 40, limitMs: 500, at: 140 },
    ]);
  });

  test('does not count what the node had done before, though it was seen after', () => {
    const history = busy().hit('kill', 'node-1').to(119).effect('p-1').to(129);
    expect(takeovers(history.effect('p-2', { node: 'node-2' }))).toMatchObject([{ ms: 30 }]);
    const all = busy().hit('kill', 'node-1').effect('p-1').effect('p-2');
    expect(takeovers(all)).toEqual([]);
  });

  test('counts what the node had begun before, though it was read after', () => {
    const history = busy().enqueue('p-4').hit('kill', 'node-1').attempt('p-4').to(149);
    history.effect('p-4', { node: 'node-2' });
    expect(takeovers(history)).toMatchObject([{ at: 150 }]);
  });

  test('does not count what others began after', () => {
    const history = busy().enqueue('p-4').hit('kill', 'node-1');
    history.effect('p-1', { node: 'node-2' }).effect('p-2', { node: 'node-2' });
    history.attempt('p-4', 'node-2').to(4000).effect('p-4', { node: 'node-2' });
    expect(takeovers(history)).toMatchObject([{ ms: 3 }]);
  });

  test('does not count what a paused node finishes itself when it wakes', () => {
    const history = busy().hit('pause', 'node-1').to(199).effect('p-1', { node: 'node-2' });
    history.to(2000).fault('healed', 'pause', 'node-1').effect('p-2');
    expect(takeovers(history)).toMatchObject([{ cause: 'pause', ms: 100 }]);
  });

  test('counts the next incarnation of the node as another', () => {
    const history = busy().hit('kill', 'node-1').to(299);
    history.effect('p-2', { node: 'node-2' }).effect('p-1', { incarnation: 'node-1/b' });
    expect(takeovers(history)).toMatchObject([{ to: 'node-1', ms: 201 }]);
  });

  test('takes an effect that names no incarnation for the node’s own, until it says otherwise', () => {
    const own = busy().hit('kill', 'node-1').effect('p-1', { incarnation: undefined });
    expect(takeovers(own.effect('p-2', { incarnation: undefined }))).toEqual([]);
    const next = busy().state('node-1', 'active').hit('kill', 'node-1').to(199);
    next.state('node-1', 'active', { incarnation: 'node-1/b' });
    next.effect('p-1', { incarnation: undefined }).effect('p-2', { node: 'node-2' });
    expect(takeovers(next)).toMatchObject([{ to: 'node-2', ms: 101 }]);
  });

  test('does not count what another node had attempted since', () => {
    const history = busy().attempt('p-1', 'node-2').attempt('p-2', 'node-2').hit('kill', 'node-1');
    history.effect('p-1', { node: 'node-2' }).effect('p-2', { node: 'node-2' });
    expect(takeovers(history)).toEqual([]);
  });

  test('does not count what was parked', () => {
    const history = busy().hit('kill', 'node-1').effect('p-1', { node: 'node-2' });
    history.add({ op: 'parked', type: 'info', process: 'node-2', job: 'p-2', reason: 'throws' });
    expect(takeovers(history.to(4000).effect('p-2', { node: 'node-2' }))).toMatchObject([
      { ms: 2 },
    ]);
  });

  test('does not count poison, which nobody can finish', () => {
    const history = new ExampleHistory({ poison: ['p-1'] }, { mode: 'active-active' });
    history.enqueue('p-1').attempt('p-1').hit('kill', 'node-1').to(4000);
    expect(takeovers(history.effect('p-1', { node: 'node-2' }))).toEqual([]);
  });

  test('is none after a stop, which leaves nothing in flight', () => {
    const history = busy().hit('stop', 'node-1').effect('p-1', { node: 'node-2' });
    expect(takeovers(history)).toEqual([]);
  });

  test('is none without evidence that the fault landed', () => {
    const history = busy().fault('inject', 'kill', 'node-1').effect('p-1', { node: 'node-2' });
    expect(takeovers(history)).toEqual([]);
  });

  test('is excused when another fault comes between', () => {
    const history = busy().hit('kill', 'node-1').hit('kill', 'node-2', { id: 'f2' }).to(3999);
    for (const job of ['p-1', 'p-2', 'p-3']) history.effect(job, { node: 'node-3' });
    expect(takeovers(history)).toMatchObject([
      { faultId: 'f1', excused: 'f2 (kill node-2) came between' },
      { faultId: 'f2', ms: 3900 },
    ]);
  });

  test('is excused when the store restarts in between', () => {
    const history = busy().hit('kill', 'node-1').store('regressed').to(4000);
    expect(takeovers(history.effect('p-1', { node: 'node-2' }))).toMatchObject([
      { excused: 'the store regressed in between' },
    ]);
  });
});

test('a cause without a limit of its own has the TTL and a second', () => {
  const { header } = new ExampleHistory();
  expect(takeoverLimitMs(header, 'kill')).toBe(500);
  expect(takeoverLimitMs(header, 'partition')).toBe(3000);
  expect(takeoverLimitMs(header, 'toString')).toBe(3000);
});
