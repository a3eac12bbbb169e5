import stringWidth from 'string-width';
import { describe, expect, it, test } from 'vitest';
import { ExampleHistory } from '../checker/example-history.test-support.ts';
import { renderExplanations } from './explanation-report.ts';
import { explainer, violationsOf } from './explanation.ts';
import { plainPaint } from './paint.ts';
import type { Explanation } from './result.ts';

function explanationsOf(history: ExampleHistory): Explanation[] {
  const subjects = violationsOf(history.judged().checkers);
  const { step, finish } = explainer(history.header, subjects);
  history.operations.forEach(step);
  return finish();
}

function explanationOf(history: ExampleHistory, kind: string): Explanation {
  const found = explanationsOf(history).find((each) => each.kind === kind);
  if (!found) throw new TypeError(`${kind} is not explained`);
  return found;
}

const told = ({ sequence }: Explanation): string[] =>
  sequence.map(({ who, what }) => `${who}: ${what}`);

/** node-1 leads, sleeps with p-2 in hand, and commits it after node-2 did. */
function zombie(): ExampleHistory {
  return new ExampleHistory()
    .state('node-2', 'passive')
    .state('node-3', 'passive')
    .leads('node-1', 1)
    .enqueue('p-1')
    .attempt('p-1')
    .effect('p-1')
    .to(500)
    .enqueue('p-2')
    .attempt('p-2')
    .hit('pause', 'node-1', { requested: 'leader', role: 'leader' })
    .to(2600)
    .leads('node-2', 2)
    .attempt('p-2', 'node-2')
    .effect('p-2', { node: 'node-2', epoch: 2 })
    .enqueue('p-3')
    .effect('p-3', { node: 'node-2', epoch: 2 })
    .to(4000)
    .fault('heal', 'pause', 'node-1')
    .fault('healed', 'pause', 'node-1', { evidence: 'awake' })
    .effect('p-2', { node: 'node-1', epoch: 1 })
    .state('node-1', 'passive')
    .end();
}

test('a job that took effect twice: who attempted it, under which epoch it was committed, what was injected', () => {
  const explanation = explanationOf(zombie(), 'duplicated');
  expect(explanation).toMatchObject({ checker: 'outcome', job: 'p-2', total: 1, node: 'node-1' });
  const lines = told(explanation);
  const inOrder = [
    'node-1: is active (epoch 1, term term-1, incarnation node-1/a)',
    'ledger: 1 effect of another job by node-1 (epoch 1); position 1',
    'producer-1: enqueues p-2',
    'producer-1: p-2 is in the queue',
    'node-1: attempt 1 at p-2 (incarnation node-1/a)',
    'nemesis: fault f1 pause node-1 (leader) inject',
    'nemesis: fault f1 pause node-1 (leader) landed: seen',
    'node-2: is active (epoch 2, term term-2, incarnation node-2/a)',
    'node-2: attempt 1 at p-2 (incarnation node-2/a)',
    'ledger: EFFECT of p-2 at position 2 by node-2, incarnation node-2/a, epoch 2, term term-2, 1.00 to acc-1',
    'ledger: 1 effect of another job by node-2 (epoch 2); position 3',
    'nemesis: fault f1 pause node-1 healed: awake',
    'ledger: EFFECT of p-2 at position 4 by node-1, incarnation node-1/a, epoch 1, term term-1, 1.00 to acc-1',
    'node-1: is passive (incarnation node-1/a)',
  ];
  expect(lines.filter((line) => inOrder.includes(line))).toEqual(inOrder);
  const own = explanation.sequence.filter((line) => line.own).map(({ what }) => what);
  expect(own).toHaveLength(6);
  expect(own.every((what) => what.includes('p-2'))).toBe(true);
});

test('each kind of violation is explained once, the first that was seen', () => {
  const history = zombie();
  expect(explanationsOf(history).map(({ kind }) => kind)).toEqual([
    'duplicated',
    'epoch-decreased',
  ]);
  const two = new ExampleHistory({ epochs: false });
  two.enqueue('p-1').enqueue('p-2').effect('p-1').effect('p-2').effect('p-2').effect('p-1').end();
  expect(explanationOf(two, 'duplicated')).toMatchObject({ job: 'p-2', total: 2 });
});

test('a lost job: that it was accepted and attempted, and what was left at the end', () => {
  const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1').attempt('p-1');
  history.hit('kill', 'node-1').enqueue('p-2').effect('p-2').end();
  const lines = told(explanationOf(history, 'lost'));
  expect(lines).toContain('producer-1: p-1 is in the queue');
  expect(lines).toContain('node-1: attempt 1 at p-1 (incarnation node-1/a)');
  expect(lines.at(-1)).toBe(
    'ledger: the end: 0 jobs still queued, 0 parked, 1 of 1 entries of the effect log read',
  );
});

test('an epoch of two leaders: both are among the lines that matter, however far apart', () => {
  const history = new ExampleHistory().leads('node-1', 1);
  for (let i = 0; i < 60; i++) history.stall(1);
  history.leads('node-2', 1).enqueue('p-1').effect('p-1').end();
  const explanation = explanationOf(history, 'epoch-shared');
  const own = explanation.sequence.filter((line) => line.own);
  expect(own.map(({ who }) => who)).toEqual(['node-1', 'node-2']);
});

test('a takeover that came late is told from the fault that caused it', () => {
  const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1').effect('p-1');
  history.enqueue('p-2').hit('kill', 'node-1').state('node-1', 'down', { evidence: 'killed' });
  history.to(900).leads('node-2', 2).effect('p-2', { node: 'node-2', epoch: 2 });
  history.fault('healed', 'kill', 'node-1').end();
  const lines = told(explanationOf(history, 'takeover-late'));
  expect(lines).toContain('nemesis: fault f1 kill node-1 inject');
  expect(lines).toContain('node-1: is down (incarnation node-1/a): killed');
});

test('the sequence begins with what every node was and which faults were in force', () => {
  const history = new ExampleHistory({ epochs: false });
  history.leads('node-1', 3).hit('pause', 'node-2');
  for (let i = 0; i < 20; i++) history.stall(1);
  history.enqueue('p-1').effect('p-1').effect('p-1').end();
  expect(explanationOf(history, 'duplicated').fleet).toEqual({
    nodes: [
      'node-1 active (epoch 3, term term-3, incarnation node-1/a)',
      'node-2 paused',
      'node-3 unknown',
    ],
    faults: ['f1 pause node-2'],
  });
});

test('a long sequence is cut, and says at each gap how much is left out', () => {
  const history = new ExampleHistory({ epochs: false }).enqueue('p-1');
  const [attempts, between] = [200, 3];
  for (let i = 0; i < attempts; i++) {
    history.attempt('p-1');
    for (let j = 0; j < between; j++) history.stall(1);
  }
  history.effect('p-1').effect('p-1').end();
  const { sequence } = explanationOf(history, 'duplicated');
  const gaps = sequence.filter(({ who }) => who === '…');
  const shown = sequence.length - gaps.length;
  expect(shown).toBe(40);
  const leftOut = gaps.reduce((sum, { what }) => sum + Number.parseInt(what, 10), 0);
  // From the enqueueing to the second effect; what comes after that is not part of it.
  expect(shown + leftOut).toBe(2 + attempts * (1 + between) + 2);
  const own = sequence.filter((line) => line.own).map(({ what }) => what);
  expect(own.at(0)).toBe('enqueues p-1');
  expect(own.at(-1)).toMatch(/^EFFECT of p-1 at position 2 /);
});

test('what holds needs no explanation, and neither does what is merely inconclusive', () => {
  const good = new ExampleHistory().leads('node-1', 1).enqueue('p-1').effect('p-1');
  expect(explanationsOf(good)).toEqual([]);
  expect(explanationsOf(good.end())).toEqual([]);
});

describe.each([80, 200])('at %i columns', (columns) => {
  const page = { columns, paint: plainPaint };

  it('every line fits but the command, which is there to be copied', () => {
    const explanations = explanationsOf(zombie());
    const repeat = `npx understudy run ${'x'.repeat(columns)}`;
    const lines = renderExplanations({ explanations, repeat }, page);
    expect(lines).toContain(`repeat: ${repeat}`);
    for (const line of lines.filter((text) => !text.startsWith('repeat: npx'))) {
      expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('what is about the violation is marked by a sign, not by colour alone', () => {
    const lines = renderExplanations(
      { explanations: [explanationOf(zombie(), 'duplicated')] },
      page,
    );
    expect(lines.filter((line) => line.startsWith('>'))).toHaveLength(6);
    expect(lines.some((line) => /^ +\d[\d,.]+ +nemesis/.test(line))).toBe(true);
  });

  it('where the command is not known it says so, and what else is not', () => {
    const lines = renderExplanations({ explanations: explanationsOf(zombie()) }, page);
    expect(lines.join(' ')).toMatch(/repeat: not known: the history does not say/);
  });
});
