import { expect, test } from 'vitest';
import type { ProbeAnswer } from './lock-view.ts';
import { createdState } from './memory.ts';
import { leaseSettings } from './settings.ts';
import type { Found, Happening, LeaseState } from './state.ts';
import { transition } from './transition.ts';

const settings = leaseSettings({ ttlMs: 2000, silenceMs: 500, heartbeatMs: 50 });
const NODES = [0, 1, 2];
const FREE: ProbeAnswer = {
  ...{ standing: 'free', value: '', channel: '', runId: 'r' },
  ...{ beat: -1, beatAgeMs: 0, leftMs: -2, knownEpoch: 0, silenceMs: 0, silenceLeftMs: -2 },
};

/** A leader, and what is asked of its shell. */
class Leader {
  readonly effects: string[] = [];
  #nowMs = 0;
  #state: LeaseState = createdState(settings, NODES.length);

  constructor() {
    this.happened({ type: 'start' });
    this.happened({ type: 'prepared', term: 't' });
    const reading = { epoch: 3, term: 'before', runId: 'store' };
    this.happened({ type: 'epoch-read', purpose: 'check', reading });
    this.happened({ type: 'tick' });
    for (const node of NODES) this.happened({ type: 'probed', node, answer: FREE });
    this.happened({ type: 'acquired', term: 't' });
    const outcome = { status: 'minted', epoch: 4 } as const;
    this.happened({ type: 'mint-settled', term: 't', outcome });
    expect(this.stage).toBe('leading');
  }

  get stage(): string {
    return this.#state.stage.name;
  }

  happened(happening: Happening): void {
    const ledger = { runId: 'store', lastAnswerMs: this.#nowMs };
    const at = { nowMs: this.#nowMs, chance: 0.5, ledger };
    const { state, effects } = transition(this.#state, { ...happening, at });
    this.#state = state;
    this.effects.push(...effects.map(({ type }) => type));
  }

  /**
   * Beats for a while: what each beat finds on each lock node; `afterMs` later than it was due, and sent
   * `unsentMs` after it was noted.
   */
  beats(times: number, found: readonly Found[], { afterMs = 0, unsentMs = 0 } = {}): void {
    for (let i = 0; i < times; i++) {
      this.#nowMs += settings.heartbeatMs + afterMs;
      this.happened({ type: 'tick' });
      this.#nowMs += unsentMs;
      NODES.forEach((node) => {
        this.happened({ type: 'beaten', term: 't', node, found: found[node] ?? 'unknown' });
      });
    }
  }

  /** Whether it says of its deposition that it was false. */
  get complains(): boolean {
    expect(this.stage).toBe('stepping-down');
    return this.effects.includes('report-false-takeover');
  }
}

const OURS: readonly Found[] = ['ours', 'ours', 'ours'];
const OTHERS: readonly Found[] = ['other', 'other', 'other'];

test('L9: a leader that beat all the time was deposed by mistake', () => {
  const leader = new Leader();
  leader.beats(12, OURS);
  leader.beats(1, OTHERS);
  expect(leader.complains).toBe(true);
});

test('L9: so was one that a single lock node did not answer', () => {
  const leader = new Leader();
  leader.beats(12, ['ours', 'unknown', 'ours']);
  leader.beats(1, OTHERS);
  expect(leader.complains).toBe(true);
});

test('L9: one that was cut off from the lock nodes, though it ran, was deposed rightly', () => {
  const leader = new Leader();
  leader.beats(12, OURS);
  leader.beats(6, ['unknown', 'unknown', 'ours']);
  leader.beats(1, OTHERS);
  expect(leader.complains).toBe(false);
});

test('L9: one that was cut off long ago, and deposed now, was deposed by mistake', () => {
  const leader = new Leader();
  leader.beats(6, ['unknown', 'unknown', 'unknown']);
  for (let i = 0; i < 5; i++) {
    leader.beats(10, OURS);
    leader.happened({ type: 'extended', term: 't' });
  }
  leader.beats(1, OTHERS);
  expect(leader.complains).toBe(true);
});

// It beats every 50 ms. With 405 it was stopped before its last beat had left: others saw the one before it.
test.each([
  { afterMs: 600, complains: false },
  { afterMs: 405, complains: false },
  { afterMs: 200, complains: true },
])('L9: one that stood still itself for $afterMs ms, of 500: $complains', (given) => {
  const leader = new Leader();
  leader.beats(12, OURS);
  leader.beats(1, OTHERS, { afterMs: given.afterMs });
  expect(leader.complains).toBe(given.complains);
});

test.each([
  { unsentMs: 500, complains: false },
  { unsentMs: 200, complains: true },
])(
  'L9: one that stood still for $unsentMs ms with a heartbeat noted and not sent: $complains',
  (given) => {
    const leader = new Leader();
    leader.beats(12, OURS);
    leader.beats(1, OTHERS, { unsentMs: given.unsentMs });
    expect(leader.complains).toBe(given.complains);
  },
);
