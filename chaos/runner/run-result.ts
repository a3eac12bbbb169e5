import type { FaultOperation } from '@understudy/history';
import type { Verdict } from '../checker/index.ts';
import type { FaultResult, RunResult } from '../report/result.ts';
import { FAULT_NAMES, type FaultName, type PlannedStep } from '../schedule/step.ts';

/** What is the same in every result of a run. */
export type ResultFacts = Omit<
  RunResult,
  | 'schemaVersion'
  | 'status'
  | 'reason'
  | 'checkers'
  | 'counts'
  | 'takeovers'
  | 'explanations'
  | 'replay'
  | 'prometheus'
>;

/** The result of a run that came to its end. */
export function judgedResult(facts: ResultFacts, verdict: Verdict): RunResult {
  const { status, reason, checkers, counts, takeovers } = verdict;
  return {
    schemaVersion: 1,
    ...facts,
    status,
    ...(reason === undefined ? {} : { reason }),
    checkers: checkers.map((checker) => ({ ...checker, totals: { ...checker.totals } })),
    counts,
    takeovers,
  };
}

/** The result of a run that was interrupted: nothing is claimed of it. */
export function interruptedResult(facts: ResultFacts, reason: string): RunResult {
  return {
    schemaVersion: 1,
    ...facts,
    status: 'interrupted',
    reason,
    checkers: [],
    counts: null,
    takeovers: [],
  };
}

/**
 * What became of each step of the plan, and of each fault that was injected by hand, from the fault
 * operations of the history.
 */
export function faultResults(
  steps: readonly PlannedStep[],
  operations: readonly FaultOperation[],
): readonly FaultResult[] {
  return [...steps, ...byHand(steps, operations)].map(({ id, fault, target: requested }) => {
    const own = operations.filter((operation) => operation.id === id);
    const phase = (name: FaultOperation['phase']): FaultOperation | undefined =>
      own.find((operation) => operation.phase === name);
    const [inject, landed, healed] = [phase('inject'), phase('landed'), phase('healed')];
    const told = landed ?? phase('refused');
    return {
      id,
      fault,
      requested,
      ...(inject && { target: inject.target }),
      ...(inject?.role !== undefined && { role: inject.role }),
      landed: landed !== undefined,
      evidence: told?.evidence ?? 'the run ended before it was due',
      ...(landed?.unfinished !== undefined && { unfinished: landed.unfinished }),
      ...(inject && { injectedAt: inject.at }),
      ...(landed && { landedAt: landed.at }),
      ...(healed && { healedAt: healed.at }),
    };
  });
}

/** The faults that no step planned, as they were asked for. */
function byHand(
  steps: readonly PlannedStep[],
  operations: readonly FaultOperation[],
): { readonly id: string; readonly fault: FaultName; readonly target: string }[] {
  return operations.flatMap(({ id, phase, fault: told, target, requested = target }) => {
    const fault = FAULT_NAMES.find((name) => name === told);
    const planned = steps.some((step) => step.id === id);
    return phase === 'inject' && fault && !planned ? [{ id, fault, target: requested }] : [];
  });
}
