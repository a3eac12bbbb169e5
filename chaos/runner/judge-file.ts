import { type HistoryHeader, readHistory } from '@understudy/history';
import { startJudging, type Verdict } from '../checker/index.ts';

/** A history on disk, judged. */
export interface JudgedFile {
  readonly header: HistoryHeader;
  readonly verdict: Verdict;
  /** Whether the last line was torn off; the verdict is then inconclusive at best. */
  readonly torn: boolean;
}

/**
 * Reads and judges a history in one pass; memory grows with its jobs, not with its operations.
 * Throws HistoryUnreadable when there is no such file, and HistoryMalformed when a line is not of
 * the form, with its number and what was expected.
 */
export async function judgeFile(path: string): Promise<JudgedFile> {
  const history = await readHistory(path);
  const judging = startJudging(history.header);
  for await (const batch of history.batches) {
    for (const operation of batch) judging.step(operation);
  }
  const { header, torn } = history;
  return { header, verdict: judging.finish({ torn }), torn };
}
