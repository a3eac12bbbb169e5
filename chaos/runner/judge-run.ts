import { fidelityOf } from '../report/fidelity.ts';
import type { RunResult } from '../report/result.ts';
import type { PlannedStep } from '../schedule/step.ts';
import { type EarlierRun, strikesIn } from './earlier-run.ts';
import { explainFile } from './explain-file.ts';
import { judgeFile } from './judge-file.ts';
import { judgedResult, type ResultFacts } from './run-result.ts';

/**
 * The result of a run that came to its end: the verdict on its history, what happened around the
 * violations, and how faithfully it injected `earlier` again, if it was to.
 * @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function judgeRun(
  facts: ResultFacts,
  steps: readonly PlannedStep[],
  earlier: EarlierRun | undefined,
  historyPath: string,
): Promise<RunResult> {
  const { verdict } = await judgeFile(historyPath);
  const judged = judgedResult(facts, verdict);
  const explanations = await explainFile(historyPath, judged.checkers);
  const explained = explanations.length === 0 ? judged : { ...judged, explanations };
  if (!earlier) return explained;
  const { name, strikes, result } = earlier;
  const replay = {
    run: name,
    ...(result === undefined ? {} : { status: result.status }),
    faults: fidelityOf(steps, strikes, await strikesIn(historyPath)),
  };
  return { ...explained, replay };
}
