import { InvalidSchedule } from '../errors.ts';
import { findFault } from '../faults/index.ts';
import type { CompileOptions } from './compile.ts';
import type { PlannedStep } from './step.ts';

/**
 * Checks steps that were planned before: whether they can be carried out here and now. Their
 * parameters were completed when they were first planned.
 * @throws {InvalidSchedule} the message names the step
 */
export function recheckSteps(
  steps: readonly PlannedStep[],
  options: CompileOptions,
): readonly PlannedStep[] {
  const before = new Set<string>();
  for (const step of steps) {
    const refusal = whyNot(step, before, options);
    if (refusal !== undefined) {
      const { id, fault, target } = step;
      throw new InvalidSchedule(`step ${id} of the schedule (${fault} ${target}): ${refusal}`);
    }
    before.add(step.id);
  }
  return steps;
}

function whyNot(
  step: PlannedStep,
  before: ReadonlySet<string>,
  options: CompileOptions,
): string | undefined {
  const { id, target, parameters } = step;
  const known: string[] = [
    'leader',
    'standby',
    'any',
    'same',
    ...options.nodes,
    ...options.servers,
  ];
  if (!known.includes(target)) return `there is no such target; there are ${known.join(', ')}`;
  if (before.has(id)) return 'there are two steps of that name';
  if (!isClosed(step, before)) return 'it depends on a step that does not come before it';
  const fault = findFault(step.fault, target);
  if (!fault) return 'there is no such fault for this target';
  const durationMs = fault.durationMs(parameters);
  if (!Number.isFinite(durationMs) || durationMs < 0) return 'its parameters are not complete';
  const refusal = fault.refuse(options, parameters);
  return refusal === undefined ? undefined : `it cannot work here: ${refusal}`;
}

/** Whether each step that this one depends on is among those of these names. */
export function isClosed({ previous = [] }: PlannedStep, names: ReadonlySet<string>): boolean {
  return previous.every((id) => names.has(id));
}
