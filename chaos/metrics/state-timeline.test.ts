import type { Operation } from '@understudy/history';
import { describe, expect, it } from 'vitest';
import { compareTimelines, spansOf, type StateSample, type StateSpan } from './state-timeline.ts';

const state = (at: number, node: string, name: string): Operation =>
  ({ seq: 0, at, op: 'state', type: 'info', process: node, node, state: name }) as Operation;

// node-1 leads, dies at 5 s, and comes back as a standby; node-2 takes over.
const SPANS = spansOf(
  [
    state(0, 'node-1', 'starting'),
    state(100, 'node-1', 'active'),
    state(100, 'node-2', 'passive'),
    state(5000, 'node-1', 'down'),
    state(5040, 'node-2', 'active'),
    state(8000, 'node-1', 'passive'),
  ],
  12_000,
);

const ACTIVE = 2;
const seen = (node: string, value: number, ...seconds: number[]): StateSample[] =>
  seconds.map((s) => ({ node, value, atMs: s * 1000 }));
const FAITHFUL = [
  ...seen('node-1', ACTIVE, 1, 2, 3, 4, 5),
  ...seen('node-1', 1, 9, 10, 11),
  ...seen('node-2', 1, 1, 2, 3, 4, 5),
  ...seen('node-2', ACTIVE, 6, 7, 8, 9, 10, 11),
];

it('a state lasts until the next, and the last one until the end', () => {
  const of = (node: string): StateSpan[] => SPANS.filter((span) => span.node === node);
  expect(of('node-2')).toEqual([
    { node: 'node-2', state: 'passive', fromMs: 100, untilMs: 5040 },
    { node: 'node-2', state: 'active', fromMs: 5040, untilMs: 12_000 },
  ]);
  expect(of('node-1').map(({ state: name }) => name)).toEqual([
    'starting',
    'active',
    'down',
    'passive',
  ]);
});

describe('samples against a history', () => {
  it('agree with it when each shows what the node was, and say who was active when', () => {
    expect(compareTimelines(FAITHFUL, SPANS)).toEqual({
      samples: FAITHFUL.length,
      contradicted: [],
      unseen: [],
      active: [
        { node: 'node-1', state: 'active', fromMs: 1000, untilMs: 5000 },
        { node: 'node-2', state: 'active', fromMs: 6000, untilMs: 11_000 },
      ],
    });
  });

  it('may be as old as a scrape is', () => {
    const late = [...FAITHFUL, ...seen('node-1', ACTIVE, 6)];
    expect(compareTimelines(late, SPANS).contradicted).toEqual([]);
  });

  it('contradict it when they show a dead node at work', () => {
    const ghost = [...FAITHFUL, ...seen('node-1', ACTIVE, 7)];
    expect(compareTimelines(ghost, SPANS).contradicted).toEqual(['node-1 was not active at 7.0 s']);
  });

  it('are not enough when they do not show who took over', () => {
    const blind = FAITHFUL.filter(({ node }) => node === 'node-1');
    expect(compareTimelines(blind, SPANS).unseen).toEqual([
      'node-2 was active from 5.0 s to 12.0 s and was not seen so',
    ]);
  });
});
