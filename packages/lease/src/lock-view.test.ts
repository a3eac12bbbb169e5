import { describe, expect, test } from 'vitest';
import {
  assess,
  type NodeView,
  observe,
  type ProbeAnswer,
  SILENCE_DECAY_MS,
  silenceInForce,
  UNSEEN,
} from './lock-view.ts';
import { leaseSettings } from './settings.ts';

const settings = leaseSettings({ ttlMs: 2000, silenceMs: 500, heartbeatMs: 50, pollMs: 10 });

const FREE: ProbeAnswer = {
  standing: 'free',
  value: '',
  beat: -1,
  beatAgeMs: 0,
  leftMs: -2,
  knownEpoch: 0,
  silenceMs: 0,
  silenceLeftMs: -2,
  channel: '',
  runId: 'r1',
};
const HELD: ProbeAnswer = { ...FREE, standing: 'held', value: 'v', beat: 7, leftMs: 1500 };
const GONE: ProbeAnswer = { ...HELD, standing: 'gone' };

/** A node that has given `answer` from `fromMs` to `untilMs`, every `everyMs`. */
function watched(answer: ProbeAnswer, fromMs: number, untilMs: number, everyMs = 10): NodeView {
  let view = UNSEEN;
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += everyMs) {
    view = observe({ ...view, askedAtMs: nowMs - 1 }, answer, nowMs, settings);
  }
  return view;
}

const seen = (answer: ProbeAnswer, nowMs = 0): NodeView => watched(answer, nowMs, nowMs);

describe('L8: writing only where it can succeed', () => {
  test('a lease that is free on every node that answers, and on a quorum, is taken', () => {
    const views = [seen(FREE), seen(FREE), UNSEEN];
    expect(assess(views, [0, 1], 0, settings)).toEqual({ kind: 'take', via: 'free' });
  });

  test('free on one node of three is not enough, whoever else is silent', () => {
    const views = [seen(FREE), UNSEEN, UNSEEN];
    expect(assess(views, [0], 0, settings)).toEqual({ kind: 'wait', mixed: false, held: false });
  });

  test('one node on which the holder lives is an objection', () => {
    const views = [seen(GONE), seen(GONE), seen(HELD)];
    expect(assess(views, [0, 1, 2], 0, settings)).toEqual({
      kind: 'wait',
      mixed: true,
      held: false,
    });
  });

  test('a node that does not answer this round objects to nothing', () => {
    const views = [seen(GONE), seen(GONE), seen(HELD)];
    expect(assess(views, [0, 1], 0, settings)).toEqual({ kind: 'take', via: 'presence' });
  });

  test("an entry of the own incarnation is no objection, and is said to be one's own", () => {
    const own: ProbeAnswer = { ...HELD, standing: 'own' };
    const views = [seen(own), seen(FREE), seen(FREE)];
    expect(assess(views, [0, 1, 2], 0, settings)).toEqual({ kind: 'take', via: 'own' });
  });

  test('L7: a lock node in its grace period objects', () => {
    const grace: ProbeAnswer = { ...HELD, standing: 'grace' };
    const views = [seen(grace), seen(GONE), seen(GONE)];
    expect(assess(views, [0, 1, 2], 0, settings)).toMatchObject({ kind: 'wait' });
  });

  test('a lock that vanished with a restart of its node is honoured until it would have ended', () => {
    const before = seen(HELD, 1000);
    const after = observe(before, { ...FREE, runId: 'r2' }, 1500, settings);
    expect(assess([after], [0], 1500, settings)).toMatchObject({ kind: 'wait' });
    const still = observe(after, { ...FREE, runId: 'r2' }, 2990, settings);
    expect(assess([still], [0], 2990, settings)).toMatchObject({ kind: 'wait' });
    const later = observe(after, { ...FREE, runId: 'r2' }, 3000, settings);
    expect(assess([later], [0], 3000, settings)).toMatchObject({ kind: 'take' });
  });

  test('a lock that was released is free at once', () => {
    const view = observe(seen(HELD, 1000), FREE, 1010, settings);
    expect(assess([view], [0], 1010, settings)).toEqual({ kind: 'take', via: 'free' });
  });

  test('a lock whose time ran out is told apart from one that was released', () => {
    const view = observe(seen({ ...HELD, leftMs: 5 }, 1000), FREE, 1010, settings);
    expect(assess([view], [0], 1010, settings)).toEqual({ kind: 'take', via: 'expiry' });
    // Its answer had taken long: the time began to run out when the node gave it.
    const slow = { ...seen({ ...HELD, leftMs: 15 }, 1000), lastAskedAtMs: 990 };
    const after = observe(slow, FREE, 1010, settings);
    expect(assess([after], [0], 1010, settings)).toEqual({ kind: 'take', via: 'expiry' });
  });
});

describe('L9: the heartbeat', () => {
  const atMs = 3000;
  const silent = watched(HELD, 0, atMs);

  test('a holder silent on every node that objects is deposed as it was seen', () => {
    expect(assess([silent, silent, seen(FREE)], [0, 1, 2], atMs, settings)).toEqual({
      kind: 'depose',
      silent: [
        { node: 0, value: 'v', beat: 7 },
        { node: 1, value: 'v', beat: 7 },
      ],
    });
  });

  test('one node on which it beats is an objection', () => {
    const beating = observe(silent, { ...HELD, beat: 8 }, atMs, settings);
    const views = [silent, silent, beating];
    expect(assess(views, [0, 1, 2], atMs, settings)).toMatchObject({ kind: 'wait' });
  });

  test('silence that a quorum does not confirm deposes nobody', () => {
    expect(assess([silent, UNSEEN, UNSEEN], [0], atMs, settings)).toMatchObject({ kind: 'wait' });
  });

  test('a beat that is seen for the first time is as old as the lock node says', () => {
    const before = watched(HELD, 0, 1000);
    const beaten = observe(before, { ...HELD, beat: 8, beatAgeMs: 42 }, 1100, settings);
    expect(beaten.quietMs).toBe(42);
    expect(observe(beaten, { ...HELD, beat: 8, beatAgeMs: 62 }, 1120, settings).quietMs).toBe(62);
  });

  test("a step of the lock node's clock is not held against the holder", () => {
    const before = watched(HELD, 0, 1000);
    const forward = { ...HELD, beat: 8, beatAgeMs: 60_000 };
    expect(observe(before, forward, 1100, settings).quietMs).toBe(100);
    const backward = { ...HELD, beat: 8, beatAgeMs: -60_000 };
    const after = observe(before, backward, 1100, settings);
    expect(after.quietMs).toBe(0);
    // And silence is noticed all the same.
    expect(observe(after, backward, 1200, settings).quietMs).toBe(100);
  });

  test("a lock node's stall, or that of the whole machine, counts as one look", () => {
    const late = { ...HELD, beat: 8, beatAgeMs: 60_000 };
    const before = watched(HELD, 0, 1000);
    expect(observe({ ...before, quietMs: 0 }, late, 61_000, settings).quietMs).toBe(250);
  });

  test("a standby's own stall counts as one look, however long it was", () => {
    const before = watched(HELD, 0, 2400);
    const stalled = observe({ ...before, quietMs: 0 }, HELD, 60_000, settings);
    expect(stalled.quietMs).toBe(250);
    expect(assess([stalled], [0], 60_000, settings)).toMatchObject({ kind: 'wait' });
  });

  test('takeovers are rate-limited: a holder is left alone for one TTL after it was first seen', () => {
    const young = watched(HELD, 1001, atMs);
    expect(young.quietMs).toBeGreaterThan(settings.silenceMs);
    expect(assess([young], [0], atMs, settings)).toMatchObject({ kind: 'wait' });
  });

  test('a holder of whom no heartbeat is known is left to its TTL', () => {
    const mute = watched({ ...HELD, beat: -1 }, 0, atMs);
    expect(assess([mute], [0], atMs, settings)).toMatchObject({ kind: 'wait' });
  });

  test('with presence off nobody is deposed', () => {
    const off = { ...settings, presence: false };
    expect(assess([silent], [0], atMs, off)).toMatchObject({ kind: 'wait' });
  });

  test('the longest time-out that any node knows of is obeyed', () => {
    const patient: ProbeAnswer = { ...HELD, silenceMs: 2000, silenceLeftMs: SILENCE_DECAY_MS };
    const quietFor = (answer: ProbeAnswer, ms: number): NodeView => watched(answer, 0, ms);
    expect(
      assess([quietFor(HELD, 2010), quietFor(patient, 2010)], [0, 1], 2010, settings),
    ).toMatchObject({ kind: 'depose' });
    const early = [watched(HELD, 0, 2500), { ...watched(patient, 0, 2500), quietMs: 1990 }];
    expect(assess(early, [0, 1], 2500, settings)).toMatchObject({ kind: 'wait' });
  });

  test('a raised time-out decays in a straight line and never below the base', () => {
    const raised = (leftMs: number): number =>
      silenceInForce({ ...HELD, silenceMs: 1500, silenceLeftMs: leftMs }, settings);
    expect(raised(SILENCE_DECAY_MS)).toBe(1500);
    expect(raised(SILENCE_DECAY_MS / 2)).toBe(1000);
    expect(raised(-2)).toBe(500);
    expect(silenceInForce({ ...HELD, silenceMs: 100, silenceLeftMs: 1 }, settings)).toBe(500);
  });
});
