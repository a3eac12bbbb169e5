import { unreachable } from '@understudy/runtime';
import { InvalidSchedule } from '../errors.ts';
import { faultNames, faults, findFault } from '../faults/index.ts';
import type { PlannedStep, Step, Target, Trigger } from './step.ts';

/** What steps are checked against. */
export interface CompileOptions {
  nodes: readonly string[];
  platform: NodeJS.Platform;
}

/**
 * Checks the steps of a schedule and names them. Parameters are completed and in milliseconds
 * afterwards; a step on `all` becomes one a node, so that each is seen to land.
 * @throws {InvalidSchedule} the message names the step
 */
export function compileSchedule(
  steps: readonly Step[],
  options: CompileOptions,
): readonly PlannedStep[] {
  return steps.flatMap((step, index): PlannedStep[] => {
    const id = `f${index + 1}`;
    const where = `step ${index + 1} of the schedule (${step.fault} ${step.target})`;
    const checked = {
      trigger: checkTrigger(step.trigger, where),
      fault: step.fault,
      parameters: checkFault(step, options.platform, where),
    };
    const target = checkTarget(step.target, options.nodes, where);
    if (target !== 'all') return [{ id, ...checked, target }];
    return options.nodes.map((node, i) => ({
      id: `${id}.${i + 1}`,
      ...checked,
      target: node as `node-${number}`,
    }));
  });
}

function checkTrigger(trigger: Trigger, where: string): Trigger {
  const natural = (value: number, what: string): void => {
    if (Number.isFinite(value) && value >= 0) return;
    throw new InvalidSchedule(`${where}: ${what} must be zero or more, not ${value}`);
  };
  switch (trigger.kind) {
    case 'at':
      natural(trigger.atMs, 'the time');
      return trigger;
    case 'after-effects':
      natural(trigger.count, 'the number of effects');
      return trigger;
    case 'when':
      natural(trigger.afterMs ?? 0, 'the delay');
      return trigger;
    default:
      return unreachable(trigger);
  }
}

function checkTarget(target: Target, nodes: readonly string[], where: string): Target {
  const known = ['leader', 'standby', 'any', 'all', ...nodes];
  if (known.includes(target)) return target;
  throw new InvalidSchedule(`${where}: there is no such target; there are ${known.join(', ')}`);
}

function checkFault(
  step: Step,
  platform: NodeJS.Platform,
  where: string,
): Readonly<Record<string, unknown>> {
  const fault = findFault(step.fault);
  if (!fault) {
    throw new InvalidSchedule(
      `${where}: there is no such fault; there are ${faultNames.join(', ')}`,
    );
  }
  const refusal = fault.refuse(platform);
  if (refusal !== undefined) throw new InvalidSchedule(`${where} cannot work here: ${refusal}`);
  const parsed = fault.parameters.safeParse(step.parameters);
  if (parsed.success) return parsed.data as Readonly<Record<string, unknown>>;
  const issues = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw new InvalidSchedule(`${where}: ${issues.join('; ')}`);
}

/** How long a planned step lasts before it is healed, in ms. */
export function stepDurationMs(step: PlannedStep): number {
  return faults[step.fault].durationMs(step.parameters);
}
