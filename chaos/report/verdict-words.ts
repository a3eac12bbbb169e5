import type { RunResult } from './result.ts';
import type { Tone } from './paint.ts';

/** The verdict of a run or of a checker. */
export type AnyVerdict = RunResult['status'] | RunResult['checkers'][number]['verdict'];

/** A verdict as it stands in a table. A failure is written large: it must not need its colour. */
export function verdictWord(verdict: AnyVerdict): string {
  return verdict === 'fail' ? 'FAIL' : verdict;
}

/** The look of a verdict. */
export function toneOfVerdict(verdict: AnyVerdict): Tone {
  switch (verdict) {
    case 'pass':
      return 'good';
    case 'fail':
      return 'bad';
    case 'inconclusive':
    case 'interrupted':
      return 'unsure';
    case 'not-applicable':
      return 'faint';
  }
}

/** What the verdict of a run means, in a sentence. */
export function meaningOf(status: RunResult['status']): string {
  switch (status) {
    case 'pass':
      return 'nothing in this run refutes it, and every fault landed';
    case 'fail':
      return 'this run refutes it';
    case 'inconclusive':
      return 'this run proves nothing either way';
    case 'interrupted':
      return 'the run was ended before it could be judged; what it recorded can be read';
  }
}
