import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type HistoryHeader,
  headerSchema,
  type Operation,
  operationSchema,
} from '@understudy/history';
import { allCheckers, startJudging } from '../checker/index.ts';
import { explainer, type Subject, violationsOf } from '../report/explanation.ts';
import { formatMs } from '../report/figures.ts';
import type { Explanation, RunResult } from '../report/result.ts';
import { RUN_FILES } from './run-directory.ts';

/**
 * What happened around the first effect that came out of order, also where the lane promises none;
 * undefined where there is none, or the run's history is not there any more. Reads the history at
 * once, because the message of an assertion cannot wait.
 */
export function explainInversion(run: RunResult): Explanation | undefined {
  return explainIn(run, ({ header, operations }) => {
    const expect = { ...header.expect, ordered: true };
    const order = allCheckers.filter(({ name }) => name === 'order');
    const judging = startJudging({ ...header, expect }, order);
    for (const operation of operations) judging.step(operation);
    return violationsOf(judging.finish().checkers).at(0);
  });
}

/** What happened around a takeover that a test finds too late, as `explainInversion` tells it. */
export function explainTakeover(
  run: RunResult,
  { cause, from, to, ms, at }: RunResult['takeovers'][number],
): Explanation | undefined {
  return explainIn(run, () => ({
    ...{ checker: 'liveness', kind: 'takeover', total: 1, at },
    detail: `${to} took over ${formatMs(ms)} after the ${cause} of ${from}`,
  }));
}

interface History {
  readonly header: HistoryHeader;
  readonly operations: readonly Operation[];
}

function explainIn(
  { directory }: RunResult,
  subjectIn: (history: History) => Subject | undefined,
): Explanation | undefined {
  const history = readWhole(join(directory, RUN_FILES.history));
  const subject = history && subjectIn(history);
  if (!history || !subject) return undefined;
  const { step, finish } = explainer(history.header, [subject]);
  history.operations.forEach(step);
  return finish().at(0);
}

/** The history as far as it can be read; undefined where there is none. */
function readWhole(path: string): History | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [first = '', ...lines] = text.split('\n');
  const header = headerSchema.safeParse(parsed(first));
  if (!header.success) return undefined;
  const operations: Operation[] = [];
  for (const line of lines) {
    const operation = operationSchema.safeParse(parsed(line));
    // A torn line is the last one.
    if (!operation.success) break;
    operations.push(operation.data);
  }
  return { header: header.data, operations };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
