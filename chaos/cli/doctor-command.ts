import { hanging, type Page, wrap } from '../report/layout.ts';
import type { Tone } from '../report/paint.ts';
import { renderTable } from '../report/table.ts';
import { reapAbandonedRuns, type ReapedRun } from '../runner/reap.ts';
import type { DoctorFlags } from './commands.ts';
import { examine, type Finding } from './doctor/index.ts';
import { EXIT } from './exit-status.ts';
import { redisOf } from './requests.ts';
import { findRoot } from './root.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';

/**
 * `understudy doctor`: what this machine lacks for a run, and what to do about it; with `--heal`
 * it first ends what dead labs left behind.
 */
export async function doctorCommand(flags: DoctorFlags, terminal: Terminal): Promise<number> {
  const surroundings = { root: findRoot(terminal.cwd), environment: terminal.environment };
  const healed = flags.heal === true ? await reapAbandonedRuns(surroundings.root) : undefined;
  const findings = await examine(surroundings, redisOf(flags));
  const problems = findings.filter(({ status }) => status === 'problem');
  const status = problems.length > 0 ? 'problem' : 'ok';
  if (flags.reporter === 'json') {
    printJson(terminal, { schemaVersion: 1, status, ...(healed ? { healed } : {}), findings });
  } else {
    const page = pageOf(terminal.stdout, terminal.environment);
    if (healed) print(terminal, [...renderHealing(healed, page), '']);
    print(terminal, renderFindings(findings, page));
  }
  return problems.length > 0 ? EXIT.environment : EXIT.pass;
}

/** What the reaper did, run by run. */
function renderHealing(healed: readonly ReapedRun[], page: Page): string[] {
  if (healed.length === 0) return ['healed: nothing: no run was left behind by a lab that died'];
  return healed.flatMap(({ run, ended, healed: containers, leftAlone, trouble }) => {
    const lines = [
      ended.length === 0 ? 'no process of it was left' : `ended ${ended.join('; ')}`,
      ...(containers.length === 0 ? [] : [`its containers: ${containers.join('; ')}`]),
      trouble === undefined
        ? 'its Redis data is removed, and the run is marked as interrupted'
        : `it stays open: ${trouble}`,
      ...(leftAlone.length === 0
        ? []
        : [`LEFT ALONE, because they may be somebody else's: ${leftAlone.join('; ')}`]),
    ];
    return [
      ...wrap(`healed: ${run}`, page.columns),
      ...lines.flatMap((line) => hanging('  ', line, page.columns)),
    ];
  });
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
