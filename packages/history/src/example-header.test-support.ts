import type { HistoryHeader } from './header.ts';

/** The header of an active-passive run of three nodes, for tests. */
export const exampleHeader: HistoryHeader = {
  history: 1,
  run: 'example',
  mode: 'active-passive',
  lane: 'bullmq',
  startedAt: '2026-11-23T12:00:00.000Z',
  seed: 7,
  nodes: ['node-1', 'node-2', 'node-3'],
  expect: {
    epochs: true,
    idempotency: true,
    ordered: false,
    balances: true,
    ttlMs: 2000,
    livenessBoundMs: 5000,
    takeoverLimitMs: { kill: 500 },
    poison: [],
    schedule: [{ id: 'f1', fault: 'kill', target: 'leader' }],
  },
};
