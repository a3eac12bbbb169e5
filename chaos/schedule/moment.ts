import type { Mode } from '@understudy/history';
import { type Clock, sleep, type Timers, unreachable } from '@understudy/runtime';
import { fleetHealth } from '../runner/health.ts';
import type { Progress } from '../runner/progress.ts';
import type { PlannedStep, Trigger } from './step.ts';
import { type Candidate, leaderOf } from './targets.ts';

/** How far a step is. `failed`: nothing came of it. */
export type StepPhase = 'waiting' | 'landed' | 'healed' | 'failed';

/** What the wait for a step's moment looks at. */
export interface MomentView {
  readonly mode: Mode;
  readonly progress: Progress;
  /** Monotonic time from which `at` counts. */
  readonly startMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timers: Timers;
  candidates(): readonly Candidate[];
  phaseOf(step: string): StepPhase;
}

/** Longer than any run: the wait ends by the run's end. */
const FOR_EVER_MS = 24 * 3_600_000;

/**
 * Waits until the step's trigger says so, or nothing will come of it any more.
 * @returns false when it can never fire, because the step it depends on came to nothing
 */
export async function untilMoment(step: PlannedStep, view: MomentView): Promise<boolean> {
  const { clock, timers, signal, startMs } = view;
  const { trigger } = step;
  switch (trigger.kind) {
    case 'at':
      await sleep(timers, startMs + trigger.atMs - clock.monotonicMs(), signal);
      return true;
    case 'after-effects':
      await until(view, () => view.progress.effects >= trigger.count);
      return true;
    case 'when':
      await until(view, () => holds(trigger, view));
      await sleep(timers, trigger.afterMs ?? 0, signal);
      return true;
    case 'then': {
      const before = step.previous ?? [];
      const failed = (): boolean => before.some((id) => view.phaseOf(id) === 'failed');
      const come = (): boolean => before.every((id) => hasCome(view.phaseOf(id), trigger.phase));
      await until(view, () => failed() || come());
      if (failed()) return false;
      await sleep(timers, trigger.afterMs ?? 0, signal);
      return true;
    }
    default:
      return unreachable(trigger);
  }
}

function until({ progress, signal }: MomentView, condition: () => boolean): Promise<boolean> {
  return progress.until(condition, { limitMs: FOR_EVER_MS, signal });
}

function hasCome(phase: StepPhase, wanted: 'landed' | 'healed'): boolean {
  return phase === 'healed' || (phase === 'landed' && wanted === 'landed');
}

function holds({ condition }: Trigger & { kind: 'when' }, view: MomentView): boolean {
  const candidates = view.candidates();
  switch (condition) {
    case 'leader':
      return leaderOf(candidates, view.mode) !== undefined;
    case 'leaderless':
      return !candidates.some(({ up, state }) => up && state === 'active');
    case 'healthy':
      return fleetHealth(
        candidates.map(({ name, free, state }) => ({ name, up: free, state })),
        view.mode,
      ).healthy;
    default:
      return unreachable(condition);
  }
}
