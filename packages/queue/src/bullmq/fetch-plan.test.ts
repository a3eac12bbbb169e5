import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FetchEffect,
  type FetchEvent,
  type FetchPlan,
  idlePlan,
  planFetch,
} from './fetch-plan.ts';

/** Takes in several events; returns the last state and the effects of the last event. */
function after(...events: FetchEvent[]): { state: FetchPlan; effects: FetchEffect[] } {
  return events.reduce(({ state }, event) => planFetch(state, event), {
    state: idlePlan,
    effects: [] as FetchEffect[],
  });
}

const wanted = { type: 'wanted' } as const;
const nothing = { type: 'nothing' } as const;
const settled = { type: 'settled' } as const;
const job = { type: 'fetched', suspect: false } as const;
const suspect = { type: 'fetched', suspect: true } as const;

test('the first caller causes one fetch, further ones none before it was answered', () => {
  expect(after(wanted).effects).toEqual(['fetch']);
  expect(after(wanted, wanted).effects).toEqual([]);
});

test('with every job found one fetch more may be on its way: twice as many after a round trip', () => {
  const many = Array.from({ length: 8 }, () => wanted);
  expect(after(...many, job).effects).toEqual(['deliver', 'fetch', 'fetch']);
  expect(after(...many, job, job).effects).toEqual(['deliver', 'fetch', 'fetch']);
  expect(after(...many, job, job, job).state).toMatchObject({ fetching: 4, burst: 4 });
});

test('an empty queue is waited for once, whoever else wants a job', () => {
  expect(after(wanted, nothing).effects).toEqual(['wait']);
  expect(after(wanted, nothing, wanted).effects).toEqual([]);
  expect(after(wanted, nothing, wanted, { type: 'rested' }).effects).toEqual(['fetch']);
});

test('what a process put back itself is fetched at once, and the wait stays one', () => {
  const nudged = { type: 'nudged' } as const;
  expect(after(wanted, nothing, nudged).effects).toEqual(['fetch']);
  expect(after(wanted, nothing, nudged, nothing).effects).toEqual([]);
});

test('a job that nobody wants any more goes back', () => {
  expect(after(wanted, { type: 'unwanted' }, job).effects).toEqual(['hand-back']);
});

test('after trouble nothing is fetched until the rest is over', () => {
  const troubled = { type: 'troubled' } as const;
  expect(after(wanted, troubled).effects).toEqual([]);
  expect(after(wanted, troubled, wanted).effects).toEqual([]);
  expect(after(wanted, troubled, { type: 'rested' }).effects).toEqual(['fetch']);
});

test('R3: a suspect waits until what is in hand is settled, and nothing is fetched meanwhile', () => {
  const held = [wanted, job, wanted, suspect] as const;
  expect(after(...held).effects).toEqual(['hold']);
  expect(after(...held, wanted).effects).toEqual([]);
  expect(after(...held, settled).effects).toEqual(['begin-alone']);
  const began = { type: 'began', ours: true } as const;
  expect(after(...held, settled, began).effects).toEqual(['deliver']);
  expect(after(...held, settled, began, wanted).effects).toEqual([]);
  expect(after(...held, settled, began, wanted, settled).effects).toEqual(['fetch']);
});

test('R3: a suspect that nobody wants any more goes back, after a moment for slots between jobs', () => {
  const held = [wanted, job, wanted, suspect, { type: 'unwanted' }] as const;
  expect(after(...held, settled).effects).toEqual(['linger']);
  expect(after(...held, settled, { type: 'lingered' }).effects).toEqual(['hand-back-suspects']);
  expect(after(...held, settled, wanted).effects).toEqual(['begin-alone']);
});

test('R3: a suspect that was lost before it ran gives way to the next job', () => {
  expect(after(wanted, suspect).effects).toEqual(['hold', 'begin-alone']);
  const lost = { type: 'began', ours: false } as const;
  expect(after(wanted, suspect, lost).effects).toEqual(['fetch']);
});

test('R3: in any order of events no caller is forgotten, and a suspect runs with nothing beside it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 99 }), { maxLength: 200 }), (choices) => {
      const lane = new SimulatedLane();
      for (const choice of choices) lane.step(choice);
      lane.drain();
    }),
  );
});

/** Carries out effects as the pump does, one outstanding answer at a time. */
class SimulatedLane {
  #plan = idlePlan;
  #callers = 0;
  #fetches = 0;
  #waits = 0;
  #held = 0;
  #beginning = 0;
  #inHand = 0;

  step(choice: number): void {
    const kinds: (() => void)[] = [() => this.#ask()];
    if (this.#callers > 0) kinds.push(() => this.#giveUp());
    if (this.#fetches > 0) kinds.push(() => this.#answer(choice));
    if (this.#waits > 0) kinds.push(() => this.#rest());
    if (this.#inHand > 0) kinds.push(() => this.#settle(choice));
    if (this.#beginning > 0) kinds.push(() => this.#begin(choice % 5 !== 0));
    kinds[choice % kinds.length]?.();
  }

  /** Everything is answered with a job: then every caller must have got one. */
  drain(): void {
    for (let i = 0; this.#callers > 0 && i < 1000; i++) {
      if (this.#fetches > 0) this.#fetched(false);
      else if (this.#beginning > 0) this.#begin(true);
      else if (this.#inHand > 0) this.#settle(1);
      else if (this.#waits > 0) this.#rest();
      else throw new Error('callers wait, and nothing is on its way');
    }
    expect(this.#callers).toBe(0);
  }

  #ask(): void {
    this.#callers += 1;
    this.#happened({ type: 'wanted' });
  }

  #giveUp(): void {
    this.#callers -= 1;
    this.#happened({ type: 'unwanted' });
  }

  #answer(choice: number): void {
    if (choice % 3 === 0) this.#fetched(choice % 2 === 0);
    else {
      this.#fetches -= 1;
      const type = (['nothing', 'skipped', 'troubled'] as const)[choice % 3] ?? 'nothing';
      if (type === 'troubled') this.#waits += 1;
      this.#happened({ type });
    }
  }

  #fetched(isSuspect: boolean): void {
    this.#fetches -= 1;
    this.#happened({ type: 'fetched', suspect: isSuspect });
  }

  #rest(): void {
    this.#waits -= 1;
    this.#happened({ type: 'rested' });
  }

  #settle(choice: number): void {
    this.#inHand -= 1;
    if (choice % 4 === 0 && this.#plan.suspects === 0) {
      this.#inHand += 1;
      this.#happened({ type: 'came-along', suspect: false });
    }
    this.#happened({ type: 'settled' });
  }

  #begin(ours: boolean): void {
    this.#beginning -= 1;
    this.#happened({ type: 'began', ours });
  }

  #happened(event: FetchEvent): void {
    const { state, effects } = planFetch(this.#plan, event);
    this.#plan = state;
    for (const effect of effects) this.#carryOut(effect);
    for (const count of [state.wanted, state.fetching, state.inHand, state.suspects]) {
      expect(count).toBeGreaterThanOrEqual(0);
    }
    expect(state.wanted).toBe(this.#callers);
    expect(state.fetching).toBe(this.#fetches);
    expect(state.suspects).toBe(this.#held);
    if (state.alone) {
      expect(state.inHand).toBe(1);
      expect(this.#fetches).toBe(0);
    }
  }

  #carryOut(effect: FetchEffect): void {
    if (effect === 'fetch') this.#fetches += 1;
    if (effect === 'wait') this.#waits += 1;
    if (effect === 'hold') this.#held += 1;
    if (effect === 'hand-back-suspects') this.#held = 0;
    if (effect === 'deliver') {
      this.#callers -= 1;
      this.#inHand += 1;
    }
    if (effect === 'begin-alone') {
      this.#held -= 1;
      this.#beginning += 1;
    }
  }
}
