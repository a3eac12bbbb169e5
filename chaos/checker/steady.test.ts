import { expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';

/** Two jobs wait from 100 on, the first is done at 110; the bound is 5 s. */
function working(): ExampleHistory {
  const history = new ExampleHistory().leads('node-1', 1).to(97).enqueue('p-1').enqueue('p-2');
  return history.to(109).effect('p-1');
}

test('effects that keep coming are a steady state', () => {
  const result = working().to(200).effect('p-2').end().judgedBy('steady');
  expect(result.verdict).toBe('pass');
  expect(result.observed).toBe('effects flowed all the time with work');
});

test('a fleet that stands still with work and without a fault is refuted', () => {
  const result = working().to(5200).effect('p-2').end().judgedBy('steady');
  expect(result.verdict).toBe('fail');
  expect(result.totals).toEqual({ unsteady: 1 });
  expect(result.reason).toContain('nothing took effect for 5091 ms although jobs waited');
});

test('an interruption within the bound is measured, not judged', () => {
  const result = working().to(1109).effect('p-2').end().judgedBy('steady');
  expect(result.verdict).toBe('pass');
  expect(result.observed).toMatch(
    /flowed 1\.\d % of the time .* one interruption 1000 ms \(no fault\)/,
  );
});

test('a time without work is no interruption', () => {
  const history = working().effect('p-2').to(9000).enqueue('p-3').effect('p-3');
  const result = history.end().judgedBy('steady');
  expect(result.verdict).toBe('pass');
  expect(result.observed).toBe('effects flowed all the time with work');
});

test('a fault in force explains an interruption, and is named', () => {
  const history = working().hit('kill', 'node-1').to(6000).effect('p-2', { node: 'node-2' });
  const result = history.end().judgedBy('steady');
  expect(result.verdict).toBe('pass');
  expect(result.observed).toContain('(f1, kill node-1)');
});

test('a fault that was healed longer ago than the bound explains nothing', () => {
  const history = working().hit('pause', 'node-2').fault('healed', 'pause', 'node-2');
  history.to(300).enqueue('p-3').effect('p-3').effect('p-2').to(6000).enqueue('p-4');
  const result = history.to(11_500).effect('p-4').end().judgedBy('steady');
  expect(result.totals).toEqual({ unsteady: 1 });
});

test('a fault that was refused explains nothing beyond the bound', () => {
  const history = working().fault('inject', 'kill', 'node-2').fault('refused', 'kill', 'node-2');
  history.effect('p-2').to(6000).enqueue('p-3').to(11_500).effect('p-3');
  expect(history.end().judgedBy('steady').verdict).toBe('fail');
});

test('what the lab stood still is not held against the fleet', () => {
  const history = working().to(5200).stall(1000).effect('p-2').end();
  const result = history.judgedBy('steady');
  expect(result.verdict).toBe('inconclusive');
  expect(result.totals).toEqual({ 'lab-stalled': 1 });
});

test('without any effect seen nothing can be said', () => {
  const result = new ExampleHistory().enqueue('p-1').end().judgedBy('steady');
  expect(result.verdict).toBe('inconclusive');
  expect(result.observed).toBe('no effect seen');
});

test('effects found by the read at the end only have no time and interrupt nothing', () => {
  const history = working().to(9000).effect('p-2', { source: 'final' }).end();
  expect(history.judgedBy('steady').verdict).toBe('pass');
});

/** node-1, node-2, … lead one after the other, each losing the lead after `afterMs`. */
function passedOn(times: number, afterMs: number, from = working().effect('p-2')): ExampleHistory {
  // node-1, which leads from the beginning, kept the lead until then.
  let at = 5000;
  for (let turn = 1; turn <= times; turn++, at += afterMs) {
    const node = `node-${1 + (turn % 3)}`;
    from.to(at).leads(node, turn + 1);
    from.to(at + afterMs - 2).state(node, 'passive');
  }
  return from;
}

test('a lead that is lost again and again within two TTLs, with nothing broken, is refuted', () => {
  const result = passedOn(3, 2100).end().judgedBy('steady');
  expect(result.totals).toMatchObject({ 'lead-not-kept': 1 });
  expect(result.reason).toContain('lost 3 times in a row although nothing was broken');
});

test('a lead that another takes, unheard by who had it, is lost as well', () => {
  const history = working().effect('p-2').to(1000);
  for (let epoch = 2; epoch <= 5; epoch++)
    history.to(epoch * 2000).leads(`node-${epoch % 3}`, epoch);
  expect(history.end().judgedBy('steady').totals).toEqual({ 'lead-not-kept': 1 });
});

test.each([
  ['lost twice is a busy machine', () => passedOn(2, 2100)],
  ['kept for longer than two TTLs is kept', () => passedOn(4, 4100)],
  [
    'lost under faults is what they are for',
    () => passedOn(4, 2100, working().effect('p-2').hit('pause', 'node-3')),
  ],
])('a lead %s', (_, history) => {
  const { totals } = history().end().judgedBy('steady');
  expect(totals).not.toHaveProperty('lead-not-kept');
});

test('a lead that is lost while the lab stands still is not held against the fleet', () => {
  const history = passedOn(2, 2100).stall(2500);
  history.to(9300).leads('node-1', 4).to(11_300).state('node-1', 'passive').to(11_350).stall(2500);
  expect(history.end().judgedBy('steady').totals).not.toHaveProperty('lead-not-kept');
});

test('who leaves in an orderly way, or dies, has not lost the lead', () => {
  const history = working().effect('p-2');
  for (let epoch = 2; epoch <= 6; epoch++) {
    const node = `node-${epoch % 3}`;
    history
      .to(epoch * 1000)
      .leads(node, epoch)
      .state(node, epoch % 2 ? 'draining' : 'down');
  }
  expect(history.end().judgedBy('steady').verdict).toBe('pass');
});
