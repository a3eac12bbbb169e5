import { unreachable } from '@understudy/runtime';
import { InvalidSchedule } from '../errors.ts';
import type { Circumstances } from '../faults/fault.ts';
import { type AnyFault, faultNames, findFault } from '../faults/index.ts';
import { refuseOverlaps } from './overlap.ts';
import {
  CONDITIONS,
  isRedisTarget,
  type PlannedStep,
  type Step,
  type Target,
  type Trigger,
} from './step.ts';

/** What steps are checked against. */
export interface CompileOptions extends Circumstances {
  readonly nodes: readonly string[];
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
  const planned: PlannedStep[] = [];
  let before: readonly PlannedStep[] = [];
  for (const [index, step] of steps.entries()) {
    before = compileStep(step, index, before, options);
    planned.push(...before);
  }
  refuseOverlaps(planned);
  return planned;
}

function compileStep(
  step: Step,
  index: number,
  before: readonly PlannedStep[],
  options: CompileOptions,
): readonly PlannedStep[] {
  const id = `f${index + 1}`;
  const where = `step ${index + 1} of the schedule (${step.fault} ${step.target})`;
  const target = checkTarget(step.target, options, where);
  const checked = {
    trigger: checkTrigger(step.trigger, where),
    fault: step.fault,
    parameters: checkFault(step, options, where),
    ...checkPrevious(step, before, where),
  };
  if (target !== 'all') return [{ id, ...checked, target }];
  return options.nodes.map((node, i) => ({
    id: `${id}.${i + 1}`,
    ...checked,
    target: node as `node-${number}`,
  }));
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
      if (!CONDITIONS.includes(trigger.condition)) {
        const known = CONDITIONS.join(', ');
        throw new InvalidSchedule(`${where}: there is no such condition; there are ${known}`);
      }
      natural(trigger.afterMs ?? 0, 'the delay');
      return trigger;
    case 'then':
      natural(trigger.afterMs ?? 0, 'the delay');
      return trigger;
    default:
      return unreachable(trigger);
  }
}

function checkTarget(target: Target, { nodes, servers }: CompileOptions, where: string): Target {
  const known: string[] = ['leader', 'standby', 'any', 'all', 'same', ...nodes, ...servers];
  if (known.includes(target)) return target;
  throw new InvalidSchedule(`${where}: there is no such target; there are ${known.join(', ')}`);
}

/** Which steps a step depends on that speaks of the one before it. */
function checkPrevious(
  { trigger, target }: Step,
  before: readonly PlannedStep[],
  where: string,
): { previous?: readonly string[] } {
  if (trigger.kind !== 'then' && target !== 'same') return {};
  if (before.length === 0) {
    throw new InvalidSchedule(`${where}: it speaks of the step before it, and there is none`);
  }
  if (target === 'same' && (before.length > 1 || isRedisTarget(before[0]?.target ?? ''))) {
    throw new InvalidSchedule(
      `${where}: "same" is the node that the step before it hit, and that step hits no single node`,
    );
  }
  return { previous: before.map(({ id }) => id) };
}

function checkFault(
  step: Step,
  circumstances: Circumstances,
  where: string,
): Readonly<Record<string, unknown>> {
  const fault = findFault(step.fault, step.target);
  if (!fault) {
    throw new InvalidSchedule(
      (faultNames as readonly string[]).includes(step.fault)
        ? `${where}: there is no fault of that name for this target`
        : `${where}: there is no such fault; there are ${faultNames.join(', ')}`,
    );
  }
  const parsed = fault.parameters.safeParse(step.parameters);
  if (parsed.success) {
    const refusal = fault.refuse(circumstances, parsed.data);
    if (refusal !== undefined) throw new InvalidSchedule(`${where} cannot work here: ${refusal}`);
    return parsed.data as Readonly<Record<string, unknown>>;
  }
  const issues = parsed.error.issues.map((issue) => {
    const path = issue.path.join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw new InvalidSchedule(`${where}: ${issues.join('; ')}`);
}

/** The fault of a planned step. */
export function faultOf(step: Pick<PlannedStep, 'fault' | 'target'>): AnyFault {
  const fault = findFault(step.fault, step.target);
  if (!fault) throw new InvalidSchedule(`there is no fault ${step.fault} for ${step.target}`);
  return fault;
}

/** How long a planned step lasts before it is healed, in ms. */
export function stepDurationMs(step: PlannedStep): number {
  return faultOf(step).durationMs(step.parameters);
}
