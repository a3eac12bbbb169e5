import { expect, test } from 'vitest';
import { type Blow, fidelityOf, renderReplay } from './fidelity.ts';
import { plainPaint } from './paint.ts';

const page = { columns: 200, paint: plainPaint };
const blow = (id: string, more: Partial<Blow> = {}): Blow => ({
  ...{ id, target: 'node-1', role: 'leader', effects: 100, afterMs: 500, landed: true },
  ...more,
});
const told = (then: readonly Blow[], now: readonly Blow[]): string[] => {
  const steps = ['f1', 'f2'].map((id) => ({ id, fault: 'kill' }));
  const byId = (blows: readonly Blow[]): Map<string, Blow> => new Map(blows.map((b) => [b.id, b]));
  const faults = fidelityOf(steps, byId(then), byId(now));
  return renderReplay({ run: 'r-1', status: 'fail', faults }, page);
};

test('the same node in the same role at the same moment is as faithful as it gets', () => {
  const lines = told([blow('f1')], [blow('f1')]);
  expect(lines[0]).toBe(
    'replay: again what r-1 did (which came to FAIL): 1 of 2 faults on the same target; 1 of 1 in the same role',
  );
  expect(lines.at(-2)).toMatch(
    /node-1 \(leader\), 100 effects, 500 ms .*same progress, 0 ms later$/,
  );
  expect(lines.at(-1)).toMatch(/never fired +never fired +none: neither fired$/);
});

test('another node, another role, another moment and a fault that did not land are all said', () => {
  const now = [
    blow('f1', { target: 'node-2', role: 'standby', effects: 90, afterMs: 700, landed: false }),
  ];
  expect(told([blow('f1'), blow('f2')], now).join('\n')).toMatch(
    /OTHER TARGET, OTHER ROLE, landed only once, 10 effects earlier, 200 ms later\n.*NOT AGAIN$/,
  );
});

test('a role that is not known is neither the same nor another', () => {
  const lines = told([blow('f1')], [blow('f1', { role: undefined })]);
  expect(lines[0]).toMatch(/1 of 2 faults on the same target$/);
  expect(lines.join('\n')).not.toContain('ROLE');
});
