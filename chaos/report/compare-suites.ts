import type { RunResult } from './result.ts';
import { modeLabel } from './outcome.ts';
import { laneWords } from './verdict-words.ts';
import { aboutRun, type Suite, suiteOfRun, unclearCase } from './suite.ts';

/**
 * The suite of one of the runs that a comparison makes. The control must be refuted, by a job that took
 * effect twice: that is its only case, so that a comparison which passes is green.
 */
export function suiteOfCompared(result: RunResult): Suite {
  if (result.mode !== 'uncoordinated') return suiteOfRun(result);
  const { experiment, mode, lane, seed, status, counts } = result;
  const words = [experiment, modeLabel(mode), ...laneWords(lane), `seed ${seed}`];
  const about = { ...aboutRun(result), name: words.join(' · ') };
  const name = 'is refuted, as it must be';
  if (status === 'interrupted') {
    return { ...about, status, cases: [unclearCase(name, status, 'the run was interrupted')] };
  }
  if (status === 'fail' && (counts?.duplicated ?? 0) > 0) {
    return { ...about, status: 'pass', cases: [{ name, outcome: { kind: 'passed' } }] };
  }
  const why = 'no job of the control took effect twice, so the faults proved nothing';
  return { ...about, status: 'inconclusive', cases: [unclearCase(name, 'not-refuted', why)] };
}
