import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { HistoryHeader } from '@understudy/history';
import { renderExplanations } from '../report/explanation-report.ts';
import { renderJudgement, section, verdictLine } from '../report/judgement.ts';
import { type Page, wrap } from '../report/layout.ts';
import type { Explanation } from '../report/result.ts';
import { type Suite, suiteOf } from '../report/suite.ts';
import { conclusionOf, laneWords } from '../report/verdict-words.ts';
import { explainFile } from '../runner/explain-file.ts';
import { judgeFile, type JudgedFile } from '../runner/judge-file.ts';
import { exitStatusOf } from './exit-status.ts';
import { startReporting } from './reporting.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, type Terminal } from './terminal.ts';

const LINE_FEED = 0x0a;

/**
 * `understudy check`: judges a history, however it came about.
 * @returns the exit status
 * @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function checkCommand(
  path: string,
  { reporter: reporters }: Pick<RunFlags, 'reporter'>,
  terminal: Terminal,
): Promise<number> {
  const title = 'understudy check';
  const reporting = startReporting({ reporters, terminal, title, leavesRuns: false });
  const absolute = resolve(terminal.cwd, path);
  const judged = await judgeFile(absolute);
  const { verdict, header, torn } = judged;
  const tornLine = torn ? await lastLineOf(absolute) : undefined;
  const explanations = await explainFile(absolute, verdict.checkers);
  if (reporting.text) {
    const page = pageOf(terminal.stdout, terminal.environment);
    print(terminal, renderCheck(path, judged, { explanations, tornLine }, page));
  }
  const suite = suiteOfHistory(path, judged, explanations);
  reporting.ended(suite);
  reporting.finish([suite], () => {
    const { run, mode, lane, seed } = header;
    return {
      schemaVersion: 1,
      history: path,
      run,
      mode,
      lane,
      seed,
      torn,
      ...(tornLine === undefined ? {} : { tornLine }),
      ...verdict,
      ...(explanations.length === 0 ? {} : { explanations }),
      ...(header.repeat === undefined ? {} : { repeat: header.repeat }),
    };
  });
  return exitStatusOf(verdict.status);
}

function suiteOfHistory(
  path: string,
  { header, verdict }: JudgedFile,
  explanations: readonly Explanation[],
): Suite {
  const { run, mode, lane, seed, startedAt, repeat } = header;
  // The form of a result: its lists are those of the verdict.
  const checkers = verdict.checkers.map((each) => ({ ...each, totals: { ...each.totals } }));
  return suiteOf(
    { ...verdict, checkers, explanations },
    {
      name: [run, mode, ...laneWords(lane), `seed ${seed}`].join(' · '),
      classname: `understudy.check.${mode}`,
      startedAt,
      properties: {
        ...{ run, lane, seed: String(seed), history: path },
        ...(repeat === undefined ? {} : { repeat }),
      },
    },
  );
}

/** The number of the last line, which has no line feed. */
async function lastLineOf(path: string): Promise<number> {
  let line = 1;
  for await (const chunk of createReadStream(path)) {
    for (const byte of chunk as Buffer) if (byte === LINE_FEED) line += 1;
  }
  return line;
}

/** What was found besides the verdict. */
interface Findings {
  readonly explanations: readonly Explanation[];
  readonly tornLine: number | undefined;
}

function renderCheck(
  path: string,
  { header, verdict }: JudgedFile,
  { explanations, tornLine }: Findings,
  page: Page,
): string[] {
  const tear =
    tornLine === undefined
      ? []
      : [`The history is torn: line ${tornLine} breaks off. Judged up to line ${tornLine - 1}.`];
  return [
    path,
    ...wrap(titleOf(header), page.columns).map((line) => page.paint('strong', line)),
    '',
    ...renderJudgement(verdict, page),
    ...section(renderExplanations({ explanations, repeat: header.repeat }, page)),
    ...section(tear.flatMap((text) => wrap(text, page.columns))),
    ...section(verdictLine(verdict.status, conclusionOf(verdict), page)),
  ];
}

function titleOf({ run, mode, lane, nodes, seed, startedAt }: HistoryHeader): string {
  return [run, mode, ...laneWords(lane), `${nodes.length} nodes`, `seed ${seed}`, startedAt].join(
    ' · ',
  );
}
