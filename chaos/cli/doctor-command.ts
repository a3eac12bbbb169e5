import { hanging, type Page } from '../report/layout.ts';
import type { Tone } from '../report/paint.ts';
import { renderTable } from '../report/table.ts';
import { examine, type Finding } from './doctor/index.ts';
import { EXIT } from './exit-status.ts';
import { redisOf } from './requests.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';

/** `understudy doctor`: what this machine lacks for a run, and what to do about it. */
export async function doctorCommand(
  flags: Pick<RunFlags, 'reporter' | 'redis' | 'lockRedis'>,
  terminal: Terminal,
): Promise<number> {
  const surroundings = { root: findRoot(terminal.cwd), environment: terminal.environment };
  const findings = await examine(surroundings, redisOf(flags));
  const problems = findings.filter(({ status }) => status === 'problem');
  const status = problems.length > 0 ? 'problem' : 'ok';
  if (flags.reporter === 'json') printJson(terminal, { schemaVersion: 1, status, findings });
  else print(terminal, renderFindings(findings, pageOf(terminal.stdout, terminal.environment)));
  return problems.length > 0 ? EXIT.environment : EXIT.pass;
}

const TONES: Readonly<Record<Finding['status'], Tone>> = {
  ok: 'good',
  warning: 'unsure',
  problem: 'bad',
};

/** Findings as a table, and below it what to do. */
export function renderFindings(findings: readonly Finding[], page: Page): string[] {
  const rows = findings.map(({ subject, status, found }) => [
    { text: subject },
    { text: status === 'problem' ? 'PROBLEM' : status, tone: TONES[status] },
    { text: found },
  ]);
  const headers = ['looked at', 'status', 'found'];
  const advice = findings.flatMap(({ subject, advice: what }) =>
    what === undefined ? [] : hanging(`${subject}: `, what, page.columns),
  );
  return [
    ...renderTable(
      headers.map((header) => ({ header })),
      rows,
      page,
    ),
    '',
    ...(advice.length > 0 ? ['What to do:', ...advice] : ['Everything a run needs is here.']),
  ];
}
