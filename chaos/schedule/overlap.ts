import { InvalidSchedule } from '../errors.ts';
import { findFault } from '../faults/index.ts';
import type { PlannedStep } from './step.ts';

/** A named target in the hands of a step, from when to when, in ms since the flow began. */
interface Hold {
  readonly step: PlannedStep;
  readonly held: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Refuses two faults that exclude each other: at the same place of the same named target at the
 * same time, as far as a plan can tell. What is resolved only in the run (roles, progress) waits
 * for its turn there.
 * @throws {InvalidSchedule}
 */
export function refuseOverlaps(steps: readonly PlannedStep[]): void {
  const holds = steps.flatMap(holdOf).toSorted((a, b) => a.fromMs - b.fromMs);
  const last = new Map<string, Hold>();
  for (const hold of holds) {
    const before = last.get(hold.held);
    if (before && hold.fromMs < before.untilMs) {
      throw new InvalidSchedule(
        `${describe(before)} and ${describe(hold)} exclude each other: ${hold.step.target} is in the hands of the first until ${before.untilMs / 1000} s. Move one of them, or hit another target`,
      );
    }
    last.set(hold.held, hold);
  }
}

function holdOf(step: PlannedStep): Hold[] {
  const { trigger, target, parameters } = step;
  const fault = findFault(step.fault, target);
  if (!fault || trigger.kind !== 'at' || !/\d$|^data$/.test(target)) return [];
  const untilMs = trigger.atMs + fault.durationMs(parameters);
  return [{ step, held: `${fault.place} ${target}`, fromMs: trigger.atMs, untilMs }];
}

function describe({ step, fromMs }: Hold): string {
  return `${step.id} (${step.fault} ${step.target} at ${fromMs / 1000} s)`;
}
