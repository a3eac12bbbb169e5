import { listed } from './figures.ts';
import type { Tone } from './paint.ts';
import type { RunResult } from './result.ts';

/** The verdict of a run or of a checker. */
export type AnyVerdict = RunResult['status'] | RunResult['checkers'][number]['verdict'];

/** A verdict as it stands in a table. A failure is written large: it must not need its colour. */
export function verdictWord(verdict: AnyVerdict): string {
  return verdict === 'fail' ? 'FAIL' : verdict;
}

/** What the title of a run says of its lane: nothing of the usual one, or of one out of sight. */
export function laneWords(lane: string | undefined): string[] {
  return lane === 'stream' ? ['lane stream'] : [];
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

/** A judged run or history, as far as its conclusion needs it. */
export interface Concluded {
  readonly status: RunResult['status'];
  readonly reason?: string | undefined;
  readonly checkers: RunResult['checkers'];
}

/** What a verdict rests on, in a sentence: which checkers decided, and by what. */
export function conclusionOf({ status, reason, checkers }: Concluded): string {
  switch (status) {
    case 'pass':
      return 'nothing refutes it, and every fault that was planned landed';
    case 'fail':
      return `refuted by ${decisive(checkers, 'fail')}`;
    case 'inconclusive':
      return `nothing can be said: ${[...(reason ? [reason] : []), decisive(checkers, status)].filter(Boolean).join('; ')}`;
    case 'interrupted':
      return reason ?? 'ended before it could be judged; what it recorded can be read';
  }
}

/** `outcome (4 duplicated)`, for each checker with this verdict. */
function decisive(checkers: RunResult['checkers'], verdict: 'fail' | 'inconclusive'): string {
  const told = checkers.flatMap((each) => {
    if (each.verdict !== verdict) return [];
    const totals = Object.entries(each.totals).map(([kind, total]) => `${total} ${kind}`);
    const why = totals.length > 0 ? totals.join(', ') : each.reason;
    return [why === undefined ? each.checker : `${each.checker} (${why})`];
  });
  return listed(told);
}
