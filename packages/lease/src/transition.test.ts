import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Choice, type Passage, RandomWorld, SETTINGS } from '../test/random-world.ts';
import { quorumOf } from './lock-view.ts';
import type { Happening, LeaseEffect, Stage } from './state.ts';
import { transition, wakeAtMs } from './transition.ts';

const choice: fc.Arbitrary<Choice> = fc.record({
  action: fc.nat(999),
  outcome: fc.nat(999),
  waitMs: fc.nat(200),
});

/** What was seen over all examples: a property that never met a leader proves nothing. */
const met = new Map<string, number>();

/** Holds `claim` against every passage of random worlds. */
function holdsAlways(claim: (passages: readonly Passage[]) => void): void {
  fc.assert(
    fc.property(fc.array(choice, { minLength: 50, maxLength: 600, size: 'max' }), (choices) => {
      const world = new RandomWorld();
      world.run(choices);
      for (const { step } of world.passages) {
        met.set(step.state.stage.name, (met.get(step.state.stage.name) ?? 0) + 1);
        for (const { type } of step.effects) met.set(type, (met.get(type) ?? 0) + 1);
      }
      claim(world.passages);
    }),
    { numRuns: 150 },
  );
}

const effectsOf = (passages: readonly Passage[]): LeaseEffect[] =>
  passages.flatMap(({ step }) => [...step.effects]);

const termOf = (stage: Stage): string | undefined =>
  stage.name === 'leading'
    ? stage.token.term
    : stage.name === 'minting'
      ? stage.request.term
      : undefined;

/** What a lease learns of the store's epoch by reading it, or by minting it. */
function readingIn(
  happening: Happening,
  stage: Stage,
): { epoch: number; runId: string } | undefined {
  if (happening.type === 'epoch-read') return happening.reading;
  if (happening.type !== 'mint-settled' || happening.outcome.status !== 'minted') return undefined;
  if (stage.name !== 'minting') return undefined;
  return { epoch: happening.outcome.epoch, runId: stage.request.runId };
}

describe('whatever happens, in whatever order', () => {
  afterAll(() => {
    for (const name of [
      ...['standing-by', 'acquiring', 'minting', 'leading', 'stepping-down', 'stopped'],
      ...['depose', 'extend', 'beat', 'yield', 'tell-regression', 'report-false-takeover', 'close'],
    ]) {
      expect([name, met.get(name) ?? 0]).not.toEqual([name, 0]);
    }
  });

  test('L2: nobody leads or mints past the deadline', () => {
    holdsAlways((passages) => {
      for (const { at, step } of passages) {
        const { stage } = step.state;
        if (stage.name !== 'leading' && stage.name !== 'minting') continue;
        expect(stage.deadlineMs).toBeGreaterThan(at.nowMs);
      }
    });
  });

  test('L2: the deadline is counted from before the request that proved the lease', () => {
    holdsAlways((passages) => {
      let sentMs = 0;
      for (const { at, step } of passages) {
        const { stage } = step.state;
        if (stage.name === 'leading' || stage.name === 'minting') {
          expect(stage.deadlineMs).toBeLessThan(sentMs + SETTINGS.ttlMs);
        }
        const proof = step.effects.some(({ type }) => type === 'acquire' || type === 'extend');
        if (proof) sentMs = at.nowMs;
      }
    });
  });

  test('every term that leads has a token, and ends once, for its owner too', () => {
    holdsAlways((passages) => {
      let told: string | undefined;
      for (const { step } of passages) {
        for (const effect of step.effects) {
          if (effect.type === 'lead') {
            expect(told).toBeUndefined();
            expect(effect.token.epoch).toBeGreaterThan(0);
            told = JSON.stringify(effect.token);
          }
          if (effect.type === 'yield') {
            expect(JSON.stringify(effect.token)).toBe(told);
            told = undefined;
          }
        }
        const { stage } = step.state;
        expect(told).toBe(stage.name === 'leading' ? JSON.stringify(stage.token) : undefined);
      }
    });
  });

  test('L6, L7: whoever held the lease drops its presence and releases as it lets go', () => {
    holdsAlways((passages) => {
      for (const { before, step } of passages) {
        const term = termOf(before.stage);
        if (term === undefined || termOf(step.state.stage) === term) continue;
        expect(step.effects).toContainEqual({ type: 'drop-presence', term });
        expect(step.effects).toContainEqual({ type: 'release', term });
      }
    });
  });

  test('L7: no two tries share a term, unless nothing came of the first; each was prepared before', () => {
    holdsAlways((passages) => {
      const prepared = new Set<string>();
      const tried = new Set<string>();
      for (const { before, happening, step } of passages) {
        if (happening.type === 'prepared') prepared.add(happening.term);
        const out = before.stage.name === 'acquiring' ? before.stage.term : undefined;
        const refused = happening.type === 'acquire-refused' && happening.term === out;
        if (refused && happening.nowhere) tried.delete(happening.term);
        for (const effect of step.effects) {
          if (effect.type !== 'acquire') continue;
          expect(prepared).toContain(effect.term);
          expect(tried).not.toContain(effect.term);
          tried.add(effect.term);
        }
      }
    });
  });

  test('L8: only a round that a quorum answered leads to a try', () => {
    holdsAlways((passages) => {
      for (const { before, happening, step } of passages) {
        if (before.stage.name !== 'standing-by') continue;
        if (!step.effects.some(({ type }) => type === 'acquire' || type === 'depose')) continue;
        const { round } = before.stage;
        const now = happening.type === 'probed' && happening.answer ? [happening.node] : [];
        const answered = new Set([...(round?.answered ?? []), ...now]);
        expect(round).toBeDefined();
        expect(answered.size).toBeGreaterThanOrEqual(quorumOf(before.memory.nodes.length));
      }
    });
  });

  test('L3: what a mint expects was read before the lease was proven', () => {
    holdsAlways((passages) => {
      const readings: string[] = [];
      let readBeforeProof = 0;
      for (const { before, happening, step } of passages) {
        const read = readingIn(happening, before.stage);
        if (read) readings.push(`${read.epoch} at ${read.runId}`);
        for (const effect of step.effects) {
          if (effect.type === 'acquire' || effect.type === 'extend') {
            readBeforeProof = readings.length;
          }
          if (effect.type !== 'mint') continue;
          const { expected, runId } = effect.request;
          expect(readings.slice(0, readBeforeProof)).toContain(`${expected} at ${runId}`);
        }
      }
    });
  });

  test('L3: a term leads at most once, by one epoch', () => {
    holdsAlways((passages) => {
      const terms = effectsOf(passages).flatMap((effect) =>
        effect.type === 'lead' ? [effect.token.term] : [],
      );
      expect(terms).toEqual([...new Set(terms)]);
    });
  });

  test('L3: after a mint without an answer the same is asked again, never another', () => {
    holdsAlways((passages) => {
      const unanswered = new Map<string, number>();
      for (const { before, happening, step } of passages) {
        if (happening.type === 'mint-settled' && before.stage.name === 'minting') {
          const { term, expected } = before.stage.request;
          if (happening.outcome.status === 'unknown') unanswered.set(term, expected);
          // A store that restarted has the lost mint, or it has forgotten it.
          if (happening.outcome.status === 'store-changed') unanswered.delete(term);
        }
        for (const effect of step.effects) {
          if (effect.type !== 'mint') continue;
          const { term, expected } = effect.request;
          expect(unanswered.get(term) ?? expected).toBe(expected);
        }
      }
    });
  });

  test('L5: epochs that lead only rise, whatever the store forgets', () => {
    holdsAlways((passages) => {
      const epochs = effectsOf(passages).flatMap((effect) =>
        effect.type === 'lead' ? [effect.token.epoch] : [],
      );
      expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    });
  });

  test('L5: no term outlives the incarnation of the store that it was minted at', () => {
    holdsAlways((passages) => {
      for (const { before, happening, step } of passages) {
        if (happening.type !== 'store-ready' || before.stage.name !== 'leading') continue;
        if (happening.runId === before.stage.runId) continue;
        expect(step.state.stage.name).not.toBe('leading');
      }
    });
  });

  test('L10: nobody acquires or extends while the ledger is silent', () => {
    holdsAlways((passages) => {
      for (const { before, at, step } of passages) {
        if (at.nowMs - at.ledger.lastAnswerMs <= SETTINGS.ttlMs / 2) continue;
        const extendsAsLeader =
          before.stage.name === 'leading' && step.effects.some(({ type }) => type === 'extend');
        const tries =
          before.stage.name === 'standing-by' &&
          step.effects.some(({ type }) => type === 'acquire' || type === 'depose');
        expect(extendsAsLeader || tries).toBe(false);
      }
    });
  });

  test('L11: after the close nothing more is done', () => {
    holdsAlways((passages) => {
      const effects = effectsOf(passages);
      const close = effects.findIndex(({ type }) => type === 'close');
      const after = close < 0 ? [] : effects.slice(close + 1);
      // But a presence that was being prepared meanwhile is dropped.
      expect(after.filter(({ type }) => type !== 'drop-presence')).toEqual([]);
    });
  });

  test('time alone never makes it busy: a tick that was due leaves the next one in the future', () => {
    holdsAlways((passages) => {
      for (const { at, step } of passages) {
        let { state } = step;
        for (let ticks = 0; ticks < 4 && (wakeAtMs(state) ?? Infinity) <= at.nowMs; ticks++) {
          ({ state } = transition(state, { type: 'tick', at }));
        }
        expect(wakeAtMs(state) ?? Infinity).toBeGreaterThan(at.nowMs);
      }
    });
  });
});
