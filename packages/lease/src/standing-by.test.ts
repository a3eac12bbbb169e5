import { expect, test } from 'vitest';
import type { ProbeAnswer } from './lock-view.ts';
import { createdState } from './memory.ts';
import { leaseSettings } from './settings.ts';
import type { Happening, LeaseEffect, LeaseState } from './state.ts';
import { transition, wakeAtMs } from './transition.ts';

const settings = leaseSettings({ ttlMs: 2000, pollMs: 10 });
const HELD: ProbeAnswer = {
  standing: 'held',
  value: 'v',
  beat: 1,
  leftMs: 1500,
  knownEpoch: 0,
  silenceMs: 0,
  silenceLeftMs: 0,
  runId: 'r',
};
const GONE: ProbeAnswer = { ...HELD, standing: 'gone' };

/** A standby whose lock nodes answer at once with what the test says. */
class Standby {
  nowMs = 0;
  answers: ProbeAnswer[] = [HELD, HELD, HELD];
  /** Whether every try is refused at once. */
  refusing = false;
  #terms = 0;
  /** What was asked for at each moment at which something was. */
  readonly asked: LeaseEffect[][] = [];
  #state: LeaseState = createdState(settings, 3);

  constructor() {
    this.#happened({ type: 'start' });
    this.#happened({ type: 'prepared', term: 't' });
    const reading = { epoch: 3, term: 'before', runId: 'store' };
    this.#happened({ type: 'epoch-read', purpose: 'check', reading });
  }

  /** Lets time pass until `untilMs`; every probe is answered in the moment it is sent. */
  run(untilMs: number): void {
    for (;;) {
      const wakeMs = wakeAtMs(this.#state) ?? Infinity;
      if (wakeMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, wakeMs);
      this.#happened({ type: 'tick' });
    }
    this.nowMs = untilMs;
  }

  #happened(happening: Happening): void {
    const ledger = { runId: 'store', lastAnswerMs: this.nowMs };
    const at = { nowMs: this.nowMs, chance: 0.5, ledger };
    const { state, effects } = transition(this.#state, { ...happening, at });
    this.#state = state;
    if (effects.length > 0) this.asked.push([...effects]);
    for (const effect of effects) {
      if (effect.type === 'probe') {
        const { node } = effect;
        this.#happened({ type: 'probed', node, answer: this.answers[node] });
      } else if (effect.type === 'acquire' && this.refusing) {
        this.#happened({ type: 'acquire-refused', term: effect.term });
        this.#terms += 1;
        this.#happened({ type: 'prepared', term: `t-${this.#terms}` });
      }
    }
  }
}

/** The nodes that were probed together, moment by moment. */
const probes = (asked: readonly LeaseEffect[][]): number[][] =>
  asked
    .map((effects) => effects.flatMap((effect) => (effect.type === 'probe' ? [effect.node] : [])))
    .filter((nodes) => nodes.length > 0);

test('while the leader lives each lock node is looked at once in pollMs, one after another', () => {
  const standby = new Standby();
  standby.run(100);
  standby.asked.length = 0;
  standby.run(200);
  const looks = probes(standby.asked);
  expect(looks.length).toBeGreaterThanOrEqual(28);
  expect(looks.length).toBeLessThanOrEqual(31);
  looks.forEach((nodes, i) => expect(nodes).toEqual([((looks[0]?.[0] ?? 0) + i) % 3]));
});

test('L8: one look that finds the holder gone is followed by one at all, and only then by a try', () => {
  const standby = new Standby();
  standby.run(100);
  standby.asked.length = 0;
  standby.answers = [GONE, GONE, GONE];
  standby.run(110);
  const [glance, round] = probes(standby.asked);
  expect(glance).toHaveLength(1);
  expect(round).toEqual([0, 1, 2]);
  expect(standby.asked.flat().filter(({ type }) => type === 'acquire')).toHaveLength(1);
});

test('L8: a holder that is gone from one lock node for long is left alone, without hurry', () => {
  const standby = new Standby();
  standby.run(100);
  standby.answers = [GONE, HELD, HELD];
  standby.run(300);
  standby.asked.length = 0;
  standby.run(400);
  expect(probes(standby.asked).every((nodes) => nodes.length === 1)).toBe(true);
  expect(standby.asked.flat().some(({ type }) => type === 'acquire')).toBe(false);
});

test('L8: what was lost in one contest does not make a standby slow in the next', () => {
  const standby = new Standby();
  const tries = (): number => standby.asked.flat().filter(({ type }) => type === 'acquire').length;
  standby.refusing = true;
  standby.answers = [GONE, GONE, GONE];
  standby.run(5000);
  expect(tries()).toBeGreaterThan(6);
  const next = { ...HELD, value: 'next' };
  standby.answers = [next, next, next];
  standby.run(5100);
  standby.asked.length = 0;
  const dead = { ...GONE, value: 'next' };
  standby.answers = [dead, dead, dead];
  standby.run(5200);
  expect(tries()).toBeGreaterThan(1);
});
