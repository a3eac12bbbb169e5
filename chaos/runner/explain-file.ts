import { readHistory } from '@understudy/history';
import { explainer, violationsOf } from '../report/explanation.ts';
import type { Explanation, RunResult } from '../report/result.ts';

/**
 * Reads a history that was refuted a second time, and says what happened around the first violation
 * of each kind. Nothing is read where nothing was refuted.
 * @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function explainFile(
  path: string,
  checkers: RunResult['checkers'],
): Promise<readonly Explanation[]> {
  const subjects = violationsOf(checkers);
  if (subjects.length === 0) return [];
  await using history = await readHistory(path);
  const { step, finish } = explainer(history.header, subjects);
  for await (const batch of history.batches) batch.forEach(step);
  return finish();
}
