import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import type { OperationBody } from '@understudy/history';
import { eventLine } from './event-lines.ts';
import { renderFleet } from './fleet-table.ts';
import { emptyView, type FleetView, observe } from './fleet-view.ts';
import { plainPaint } from './paint.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const common = { run: 'r', directory: '/r', mode: 'active-passive', nodes: NODES, at: 0 } as const;

function viewOf(...operations: OperationBody[]): FleetView {
  const view = emptyView({
    experiment: 'failover',
    mode: 'active-passive',
    total: 300,
    startedMs: 0,
  });
  observe(view, { type: 'phase', phase: 'running', detail: 'jobs flow', ...common }, 0);
  operations.forEach((body, seq) => observe(view, { ...body, seq: seq + 1, at: 0 }, 0));
  return view;
}

function state(node: string, word: 'active' | 'stopped' | 'down', epoch?: number): OperationBody {
  const body = { op: 'state', type: 'info', process: node, node, incarnation: 'i' } as const;
  return epoch === undefined ? { ...body, state: word } : { ...body, state: word, epoch };
}

function pause(phase: 'landed' | 'healed'): OperationBody {
  return {
    ...{ op: 'fault', type: 'info', process: 'nemesis', id: 'f1', fault: 'pause', phase },
    ...{ target: 'node-1', requested: 'leader', role: 'leader', evidence: 'pid 7 is in state T' },
  };
}

function effect(position: number): OperationBody {
  const entry = { job: `p-${position}`, node: 'node-1', position, id: `${position}-0` };
  return { op: 'effect', type: 'ok', process: 'ledger', source: 'live', ...entry };
}

const row = (view: FleetView, nowMs = 0): string =>
  renderFleet(view, { columns: 80, paint: plainPaint }, nowMs).find((line) =>
    line.startsWith('node-1'),
  ) ?? '';

it('shows state, epoch, effects, effects a second and the last event of a node', () => {
  const view = viewOf(state('node-1', 'active', 4), effect(1), effect(2));
  expect(row(view, 500)).toMatch(/^node-1 +active +4 +2 +2 +active, epoch 4, 500 ms ago$/);
});

it('forgets effects that are older than a second', () => {
  const view = viewOf(effect(1), effect(2));
  expect(row(view, 1500)).toMatch(/ 2 +0 /);
});

it('shows a paused node as paused, and as what it said before once it is woken', () => {
  expect(row(viewOf(state('node-1', 'active', 1), pause('landed')))).toMatch(/node-1 +paused/);
  const woken = viewOf(state('node-1', 'active', 1), pause('landed'), pause('healed'));
  expect(row(woken)).toMatch(/node-1 +active/);
});

it('does not call a node down that stopped by itself', () => {
  expect(row(viewOf(state('node-1', 'stopped'), state('node-1', 'down')))).toMatch(
    /node-1 +stopped/,
  );
  expect(row(viewOf(state('node-1', 'active'), state('node-1', 'down')))).toMatch(/node-1 +down/);
});

it.each([80, 200])('keeps its height and fits %i columns', (columns) => {
  const before = renderFleet(viewOf(), { columns, paint: plainPaint }, 0);
  const view = viewOf(state('node-1', 'active', 12), pause('landed'), effect(1));
  const after = renderFleet(view, { columns, paint: plainPaint }, 61_000);
  expect(after).toHaveLength(before.length);
  for (const line of [...before, ...after]) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
});

it('writes a line about states, faults and phases, and none about each effect', () => {
  const line = (body: OperationBody): string | undefined =>
    eventLine({ ...body, seq: 1, at: 2040 });
  expect(line(effect(1))).toBeUndefined();
  expect(line(state('node-1', 'active', 4))).toBe('  2.0 s  node-1 is active (epoch 4)');
  expect(line(pause('landed'))).toBe(
    '  2.0 s  fault f1 pause node-1 (leader) landed: pid 7 is in state T',
  );
});
