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
