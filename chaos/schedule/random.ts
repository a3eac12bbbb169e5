import { invariant, type Prng } from '@understudy/runtime';
import type { NodeTarget, Step, Trigger } from './step.ts';

/** Bounds of a random schedule. Both ends of each range are included. */
export interface RandomScheduleOptions {
  /** How many steps. */
  steps: number;
  /** When they fire: in milliseconds since the flow began, or in effects seen. */
  within: { fromMs: number; untilMs: number } | { fromEffects: number; untilEffects: number };
  kinds: readonly ('kill' | 'stop' | 'pause')[];
  targets: readonly NodeTarget[];
  /** How long a node stays paused. */
  pauseMs: { min: number; max: number };
  /** How long a node stays dead. */
  restartAfterMs: { min: number; max: number };
}

/**
 * A schedule drawn from `prng`, in the order in which it fires. The same generator state and
 * bounds give the same steps, to the byte.
 */
export function randomSchedule(prng: Prng, options: RandomScheduleOptions): readonly Step[] {
  invariant(options.kinds.length > 0 && options.targets.length > 0, 'something to choose from');
  const moments = Array.from({ length: options.steps }, () => moment(prng, options.within));
  moments.sort((a, b) => a.order - b.order);
  return moments.map(({ trigger }) => {
    const fault = prng.pick(options.kinds);
    const target = prng.pick(options.targets);
    const { min, max } = fault === 'pause' ? options.pauseMs : options.restartAfterMs;
    const durationMs = prng.integer(min, max);
    const parameters = fault === 'pause' ? { for: durationMs } : { restartAfter: durationMs };
    return { trigger, fault, target, parameters };
  });
}

function moment(
  prng: Prng,
  within: RandomScheduleOptions['within'],
): { order: number; trigger: Trigger } {
  if ('fromMs' in within) {
    const atMs = prng.integer(within.fromMs, within.untilMs);
    return { order: atMs, trigger: { kind: 'at', atMs } };
  }
  const count = prng.integer(within.fromEffects, within.untilEffects);
  return { order: count, trigger: { kind: 'after-effects', count } };
}
