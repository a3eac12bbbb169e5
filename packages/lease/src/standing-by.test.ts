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
  beatAgeMs: 0,
  leftMs: 1500,
  knownEpoch: 0,
  silenceMs: 0,
  silenceLeftMs: 0,
  channel: 'c',
  runId: 'r',
};
const GONE: ProbeAnswer = { ...HELD, standing: 'gone' };
const FREE: ProbeAnswer = { ...HELD, standing: 'free', value: '', channel: '' };

/** A standby whose lock nodes answer at once with what the test says. */
class Standby {
  nowMs = 0;
  answers: ProbeAnswer[] = [HELD, HELD, HELD];
  /** How often the heart of a holder beats; 0 for a heart that stands still. */
  beatEveryMs = 0;
  /** How many contend, the holder included. */
  contenders = 2;
  /** What becomes of every try, at once. */
  tries: 'unanswered' | 'refused' | 'granted' = 'unanswered';
  /** Whether what refuses a try is everywhere another's lock. */
  nowhere = false;
  /** When the heart was last seen to beat. */
  lastBeatMs = 0;
  #terms = 0;
  /** What was asked for at each moment at which something was. */
  readonly asked: LeaseEffect[][] = [];
  readonly #moments = new Map<LeaseEffect, number>();
  #state: LeaseState = createdState(settings, 3);

  constructor() {
    this.#happened({ type: 'start' });
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

  #beats(): Pick<ProbeAnswer, 'beat' | 'beatAgeMs'> {
    const everyMs = this.beatEveryMs;
    if (everyMs > 0) this.lastBeatMs = Math.floor(this.nowMs / everyMs) * everyMs;
    return { beat: this.lastBeatMs, beatAgeMs: this.nowMs - this.lastBeatMs };
  }

  tellGivenBack(): void {
    this.#happened({ type: 'given-back' });
  }

  /** When the first of what is listed in `asked` was asked for that `wanted` says. */
  askedAtMs(wanted: (effect: LeaseEffect) => boolean): number | undefined {
    const first = this.asked.flat().find(wanted);
    return first && this.#moments.get(first);
  }

  #happened(happening: Happening): void {
    const ledger = { runId: 'store', lastAnswerMs: this.nowMs };
    const at = { nowMs: this.nowMs, chance: 0.5, ledger };
    const { state, effects } = transition(this.#state, { ...happening, at });
    this.#state = state;
    if (effects.length > 0) this.asked.push([...effects]);
    for (const effect of effects) {
      this.#moments.set(effect, this.nowMs);
      if (effect.type === 'probe') {
        const { node } = effect;
        const answer = this.answers[node];
        const beats = this.#beats();
        this.#happened({ type: 'probed', node, answer: answer && { ...answer, ...beats } });
      } else if (effect.type === 'glance') {
        const { node } = effect;
        const holder = this.answers[node]?.standing === 'held' ? 1 : 0;
        const answer = { holder, contenders: this.contenders };
        this.#happened({ type: 'glanced', node, answer });
      } else if (effect.type === 'acquire' && this.tries === 'granted') {
        this.#happened({ type: 'acquired', term: effect.term });
      } else if (effect.type === 'mint') {
        const outcome = { status: 'minted', epoch: effect.request.expected + 1 } as const;
        this.#happened({ type: 'mint-settled', term: effect.request.term, outcome });
      } else if (effect.type === 'acquire' && this.tries === 'refused') {
        this.#happened({ type: 'acquire-refused', term: effect.term, nowhere: this.nowhere });
      } else if (effect.type === 'prepare') {
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

/** Everything that was looked at, probe or glance, in turn. */
const looks = (asked: readonly LeaseEffect[][]): { type: string; node: number }[] =>
  asked.flat().flatMap((effect) => {
    if (effect.type !== 'probe' && effect.type !== 'glance') return [];
    return [{ type: effect.type, node: effect.node }];
  });

test('while the leader lives each lock node is looked at once in pollMs, one after another', () => {
  const standby = new Standby();
  standby.run(100);
  standby.asked.length = 0;
  standby.run(200);
  const seen = looks(standby.asked).map(({ node }) => node);
  expect(seen.length).toBeGreaterThanOrEqual(28);
  expect(seen.length).toBeLessThanOrEqual(31);
  seen.forEach((node, i) => expect(node).toBe(((seen[0] ?? 0) + i) % 3));
});

test('where the heart beats most looks are glances, and each lock node is probed every other heartbeat', () => {
  const standby = new Standby();
  standby.beatEveryMs = settings.heartbeatMs;
  standby.run(200);
  standby.asked.length = 0;
  standby.run(1200);
  const seen = looks(standby.asked);
  const probed = seen.filter(({ type }) => type === 'probe');
  expect(seen.length).toBeGreaterThanOrEqual(290);
  // Three lock nodes, twenty heartbeats.
  expect(probed.length).toBeGreaterThanOrEqual(24);
  expect(probed.length).toBeLessThanOrEqual(30);
});

test('L9: a heart that stands still is probed as often as a holder is looked for', () => {
  const standby = new Standby();
  standby.beatEveryMs = settings.heartbeatMs;
  standby.run(3000);
  standby.beatEveryMs = 0;
  standby.run(3150);
  standby.asked.length = 0;
  standby.run(3250);
  const seen = looks(standby.asked);
  expect(seen.length).toBeGreaterThanOrEqual(28);
  expect(seen.every(({ type }) => type === 'probe')).toBe(true);
  standby.run(3000 + settings.silenceMs + settings.heartbeatMs + 2 * settings.pollMs);
  expect(standby.asked.flat().some(({ type }) => type === 'depose')).toBe(true);
});

test.each([2, 3, 11])(
  'L9: of %i contenders each probes all nodes once the silence is long enough, not one after another',
  (contenders) => {
    const standby = new Standby();
    standby.beatEveryMs = settings.heartbeatMs;
    standby.contenders = contenders;
    standby.run(3000);
    standby.beatEveryMs = 0;
    const silentMs = standby.lastBeatMs + settings.silenceMs;
    standby.run(silentMs - 1);
    expect(standby.asked.flat().some(({ type }) => type === 'depose')).toBe(false);
    standby.asked.length = 0;
    standby.run(silentMs + settings.silenceMs);
    const betweenLooks = (settings.pollMs * (contenders - 1)) / 3;
    expect(probes(standby.asked)).toContainEqual([0, 1, 2]);
    const deposedMs = standby.askedAtMs(({ type }) => type === 'depose');
    expect(deposedMs).toBeLessThanOrEqual(silentMs + betweenLooks);
  },
);

test('L9: a heart that beats again is not taken for silent because it nearly was', () => {
  const standby = new Standby();
  standby.beatEveryMs = settings.heartbeatMs;
  standby.run(3000);
  standby.beatEveryMs = 0;
  standby.run(standby.lastBeatMs + settings.silenceMs - 1);
  standby.beatEveryMs = settings.heartbeatMs;
  standby.asked.length = 0;
  standby.run(6000);
  expect(standby.asked.flat().some(({ type }) => type === 'depose')).toBe(false);
  // Nor is everybody asked again and again.
  expect(probes(standby.asked).filter((nodes) => nodes.length > 1).length).toBeLessThanOrEqual(1);
});

test('L8: a glance that hears no holder decides nothing: all are probed, and then there is a try', () => {
  const standby = new Standby();
  standby.beatEveryMs = settings.heartbeatMs;
  standby.tries = 'granted';
  standby.run(1000);
  standby.asked.length = 0;
  // Only a glance is at hand when the holder goes: its heartbeat was seen a moment ago.
  const lately = (): string[] =>
    looks(standby.asked)
      .slice(-2)
      .map(({ type }) => type);
  while (lately().join() !== 'probe,glance') standby.run(standby.nowMs + 1);
  standby.asked.length = 0;
  standby.answers = [GONE, GONE, GONE];
  standby.run(standby.nowMs + 8);
  expect(looks(standby.asked).map(({ type }) => type)).toEqual([
    ...['glance', 'probe', 'probe', 'probe'],
  ]);
  expect(standby.asked.flat().filter(({ type }) => type === 'acquire')).toHaveLength(1);
  expect(vacancies(standby)).toEqual([standby.askedAtMs(({ type }) => type === 'glance')]);
});

test.each([
  [2, 1],
  [3, 2],
  [11, 10],
  [41, 10],
])(
  'of %i contenders each looks %i times less often than one that is alone',
  (contenders, times) => {
    const standby = new Standby();
    standby.beatEveryMs = settings.heartbeatMs;
    standby.contenders = contenders;
    standby.run(500);
    standby.asked.length = 0;
    standby.run(1500);
    const count = looks(standby.asked).length;
    expect(count).toBeGreaterThanOrEqual(300 / times - 15);
    expect(count).toBeLessThanOrEqual(300 / times + 15);
  },
);

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
  standby.tries = 'refused';
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

test.each([
  ['another was faster everywhere', true, 1],
  ['it is not known what was left where', false, 2],
])('a try that was refused because %s', (_, nowhere, terms) => {
  const standby = new Standby();
  standby.run(100);
  standby.asked.length = 0;
  standby.tries = 'refused';
  standby.nowhere = nowhere;
  standby.answers = [GONE, GONE, GONE];
  while (tried(standby).length < 2) standby.run(standby.nowMs + 1);
  expect(new Set(tried(standby)).size).toBe(terms);
  const dropped = standby.asked.flat().filter(({ type }) => type === 'drop-presence');
  expect(dropped).toHaveLength(nowhere ? 0 : 2);
});

/** The terms that it tried with, in turn. */
const tried = (standby: Standby): string[] =>
  standby.asked.flat().flatMap((effect) => (effect.type === 'acquire' ? [effect.term] : []));

/** What the election told of the vacancy. */
const vacancies = (standby: Standby): number[] =>
  standby.asked.flat().flatMap((effect) => (effect.type === 'lead' ? [effect.vacantSinceMs] : []));

test('a takeover is counted from the first look that finds the holder gone', () => {
  const standby = new Standby();
  standby.tries = 'granted';
  standby.run(100);
  standby.asked.length = 0;
  standby.answers = [GONE, GONE, GONE];
  standby.run(110);
  const firstLook = standby.askedAtMs(({ type }) => type === 'probe');
  expect(vacancies(standby)).toEqual([firstLook]);
});

test('a takeover is counted from that look also when tries fail in between', () => {
  const standby = new Standby();
  standby.run(100);
  standby.asked.length = 0;
  standby.tries = 'refused';
  standby.answers = [GONE, GONE, GONE];
  standby.run(400);
  const firstLook = standby.askedAtMs(({ type }) => type === 'probe');
  standby.tries = 'granted';
  standby.run(3000);
  expect(vacancies(standby)).toEqual([firstLook]);
});

test('a contest that somebody else won does not lengthen the next takeover', () => {
  const standby = new Standby();
  standby.tries = 'refused';
  standby.answers = [GONE, GONE, GONE];
  standby.run(500);
  const next = { ...HELD, value: 'next' };
  standby.answers = [next, next, next];
  standby.run(600);
  standby.tries = 'granted';
  standby.answers = [GONE, GONE, GONE];
  standby.run(700);
  expect(vacancies(standby)[0]).toBeGreaterThanOrEqual(600);
});

test('a lock node that alone has forgotten the holder for long does not lengthen a takeover', () => {
  const standby = new Standby();
  standby.tries = 'granted';
  standby.answers = [GONE, HELD, HELD];
  standby.run(500);
  standby.answers = [GONE, GONE, GONE];
  standby.run(600);
  expect(vacancies(standby)[0]).toBeGreaterThanOrEqual(500);
});

test('who is told that the lease is given back looks at once, and believes only what it sees', () => {
  const standby = new Standby();
  standby.beatEveryMs = settings.heartbeatMs;
  standby.tries = 'granted';
  standby.run(1000);
  standby.asked.length = 0;
  standby.tellGivenBack();
  expect(probes(standby.asked)).toEqual([[0, 1, 2]]);
  expect(tried(standby)).toEqual([]);
  standby.asked.length = 0;
  standby.answers = [FREE, FREE, FREE];
  standby.tellGivenBack();
  expect(standby.askedAtMs(({ type }) => type === 'lead')).toBe(1000);
});
