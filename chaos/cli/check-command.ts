import { resolve } from 'node:path';
import type { HistoryHeader } from '@understudy/history';
import { renderJudgement, section, verdictLine } from '../report/judgement.ts';
import { type Page, wrap } from '../report/layout.ts';
import { meaningOf } from '../report/verdict-words.ts';
import { judgeFile, type JudgedFile } from '../runner/judge-file.ts';
import { exitStatusOf } from './exit-status.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';

/**
 * `understudy check`: judges a history, however it came about.
 * @returns the exit status
 * @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function checkCommand(
  path: string,
  { reporter }: Pick<RunFlags, 'reporter'>,
  terminal: Terminal,
): Promise<number> {
  const judged = await judgeFile(resolve(terminal.cwd, path));
  const { verdict, header, torn } = judged;
  if (reporter === 'json') {
    const { run, mode, lane, seed } = header;
    printJson(terminal, {
      schemaVersion: 1,
      history: path,
      run,
      mode,
      lane,
      seed,
      torn,
      ...verdict,
    });
  } else {
    print(terminal, renderCheck(path, judged, pageOf(terminal.stdout, terminal.environment)));
  }
  return exitStatusOf(verdict.status);
}

function renderCheck(path: string, { header, verdict }: JudgedFile, page: Page): string[] {
  return [
    path,
    ...wrap(titleOf(header), page.columns).map((line) => page.paint('strong', line)),
    '',
    ...renderJudgement(verdict, page),
    ...section(verdictLine(verdict.status, verdict.reason ?? meaningOf(verdict.status), page)),
  ];
}

function titleOf({ run, mode, nodes, seed, startedAt }: HistoryHeader): string {
  return [run, mode, `${nodes.length} nodes`, `seed ${seed}`, startedAt].join(' · ');
}
