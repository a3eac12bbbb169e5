import { expect, test } from 'vitest';
import { ManualTime } from './manual-time.ts';
import { unrepeated } from './unrepeated.ts';

function setUp(): { time: ManualTime; told: [object, string][]; say: (reason: string) => void } {
  const time = new ManualTime();
  const told: [object, string][] = [];
  const take = unrepeated((fields, message) => void told.push([fields, message]), time);
  return { time, told, say: (reason) => take({ reason }, 'in trouble') };
}

test('a line is told at once, and while it repeats itself every ten seconds with how often it did', () => {
  const { time, told, say } = setUp();
  for (let i = 0; i < 25; i += 1) {
    say('refused');
    time.advance(1000);
  }
  expect(told).toEqual([
    [{ reason: 'refused' }, 'in trouble'],
    [{ reason: 'refused', repeats: 9 }, 'in trouble'],
    [{ reason: 'refused', repeats: 9 }, 'in trouble'],
  ]);
});

test('what comes back after a while is told as if it were new', () => {
  const { time, told, say } = setUp();
  say('refused');
  time.advance(3_600_000);
  say('refused');
  expect(told.map(([fields]) => fields)).toEqual([{ reason: 'refused' }, { reason: 'refused' }]);
});

test('lines that differ in a field do not keep each other back, however many there are', () => {
  const { told, say } = setUp();
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 100; i += 1) say(`reason ${i}`);
  }
  expect(told).toHaveLength(100);
});

test('of endlessly many lines only the last are remembered', () => {
  const { told, say } = setUp();
  for (let i = 0; i < 1000; i += 1) say(`reason ${i}`);
  say('reason 999');
  expect(told).toHaveLength(1000);
  say('reason 0');
  expect(told).toHaveLength(1001);
});
