import { renderExplanation } from './explanation-report.ts';
import { plainPaint } from './paint.ts';
import type { Explanation } from './result.ts';

const COLUMNS = 100;

/** What happened around a violation, as lines without colours, for where nobody sees a terminal. */
export function explanationLines(explanation: Explanation, columns = COLUMNS): string[] {
  return renderExplanation(explanation, { columns, paint: plainPaint });
}
