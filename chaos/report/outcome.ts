import type { RunResult } from './result.ts';

/** What several runs come to, and why. */
export interface Outcome {
  readonly status: RunResult['status'];
  readonly meaning: string;
}

/** A mode as reports name it: what `uncoordinated` is for is said wherever it appears. */
export function modeLabel(mode: RunResult['mode']): string {
  return mode === 'uncoordinated' ? 'uncoordinated (control)' : mode;
}

/**
 * What a comparison comes to. Both modes must hold and the control must fall: a control that was
 * not refuted shows that the faults or the checkers were too weak to find anything. Fewer results
 * than were requested come from an interruption.
 */
export function outcomeOf(
  results: readonly Pick<RunResult, 'mode' | 'status' | 'counts'>[],
  requested = results.length,
): Outcome {
  const control = results.filter(({ mode }) => mode === 'uncoordinated');
  const modes = results.filter(({ mode }) => mode !== 'uncoordinated');
  if (results.length < requested || results.some(({ status }) => status === 'interrupted')) {
    return { status: 'interrupted', meaning: 'ended before all runs were judged' };
  }
  const failed = modes.filter(({ status }) => status === 'fail');
  if (failed.length > 0) {
    return { status: 'fail', meaning: `refuted: ${failed.map(({ mode }) => mode).join(', ')}` };
  }
  const unclear = modes.filter(({ status }) => status !== 'pass');
  if (unclear.length > 0 || modes.length === 0) {
    const names = unclear.map(({ mode }) => mode).join(', ');
    return { status: 'inconclusive', meaning: `nothing can be said of ${names || 'any mode'}` };
  }
  if (!control.some(({ status, counts }) => status === 'fail' && counts?.duplicated)) {
    return {
      status: 'inconclusive',
      meaning:
        'no job of the uncoordinated control took effect twice, so the faults proved nothing',
    };
  }
  return {
    status: 'pass',
    meaning: 'neither mode was refuted, and the uncoordinated control was, as it must be',
  };
}
