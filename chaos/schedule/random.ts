import { invariant, type Prng } from '@understudy/runtime';
import type { FaultName, Step, Target, Trigger } from './step.ts';

/** A kind of fault that may be drawn. */
export interface RandomFault {
  readonly fault: FaultName;
  readonly targets: readonly Target[];
  /** Draws the parameters. Default: none, so the fault's own defaults. */
  parameters?(prng: Prng): Readonly<Record<string, unknown>>;
}

/** When steps may fire; both ends are included: since the flow began, or in effects seen. */
export type RandomWindow =
  | { readonly fromMs: number; readonly untilMs: number }
  | { readonly fromEffects: number; readonly untilEffects: number };

/** Bounds of a random schedule. */
export interface RandomScheduleOptions {
  /** How many steps; see `stepsAt` for a rate. */
  steps: number;
  within: RandomWindow;
  /** What may be drawn, each kind equally often in the long run. */
  menu: readonly RandomFault[];
  /** How often each kind comes at least; `steps` must leave room for it. Default 0. */
  atLeastEach?: number;
  /**
   * `anywhere` (the default): moments are independent, so that many may come together. `even`: the
   * window is cut into as many slots as there are steps, and each has one.
   */
  spread?: 'anywhere' | 'even';
}

/**
 * A schedule drawn from `prng`, in the order in which it fires. The same generator state and
 * bounds give the same steps, to the byte.
 */
export function randomSchedule(prng: Prng, options: RandomScheduleOptions): readonly Step[] {
  const { steps, within, menu, atLeastEach = 0, spread = 'anywhere' } = options;
  invariant(menu.length > 0 || steps === 0, 'something to choose from');
  invariant(steps >= atLeastEach * menu.length, 'room for each kind as often as it must come');
  const kinds = Array.from({ length: steps }, (_, i) =>
    i < atLeastEach * menu.length ? (menu[i % menu.length] as RandomFault) : prng.pick(menu),
  );
  const drawn = shuffled(prng, kinds);
  const moments = drawn.map((_, i) =>
    moment(prng, spread === 'even' ? slotOf(within, i, steps) : within),
  );
  moments.sort((a, b) => a.order - b.order);
  return moments.map(({ trigger }, i) => {
    const { fault, targets, parameters } = drawn[i] as RandomFault;
    return { trigger, fault, target: prng.pick(targets), parameters: parameters?.(prng) ?? {} };
  });
}

/** How many steps come to `perMinute` in a window of time. */
export function stepsAt(perMinute: number, window: { fromMs: number; untilMs: number }): number {
  return Math.max(1, Math.round(((window.untilMs - window.fromMs) / 60_000) * perMinute));
}

/** Fisher and Yates' shuffle: every order is as likely as another. */
function shuffled<T>(prng: Prng, items: readonly T[]): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = prng.integer(0, i);
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}

/** The `i`-th of `slots` equal parts of a window. */
function slotOf(within: RandomWindow, i: number, slots: number): RandomWindow {
  const cut = (from: number, until: number): readonly [number, number] => {
    const edge = (n: number): number => from + Math.round(((until - from) * n) / slots);
    return [edge(i), Math.max(edge(i), edge(i + 1) - 1)];
  };
  if ('fromMs' in within) {
    const [fromMs, untilMs] = cut(within.fromMs, within.untilMs);
    return { fromMs, untilMs };
  }
  const [fromEffects, untilEffects] = cut(within.fromEffects, within.untilEffects);
  return { fromEffects, untilEffects };
}

function moment(prng: Prng, within: RandomWindow): { order: number; trigger: Trigger } {
  if ('fromMs' in within) {
    const atMs = prng.integer(within.fromMs, within.untilMs);
    return { order: atMs, trigger: { kind: 'at', atMs } };
  }
  const count = prng.integer(within.fromEffects, within.untilEffects);
  return { order: count, trigger: { kind: 'after-effects', count } };
}
