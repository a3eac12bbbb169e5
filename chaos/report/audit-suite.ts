import { sabotageOf } from '../audit/entry.ts';
import type { AuditRow, AuditStatus, AuditVerdict } from '../audit/matrix.ts';
import type { Case, CaseOutcome, Suite } from './suite.ts';
import { laneWords } from './verdict-words.ts';

const KINDS: Readonly<Record<AuditVerdict, CaseOutcome['kind']>> = {
  caught: 'passed',
  missed: 'failed',
  'not-the-saboteur': 'failed',
  unclear: 'unclear',
  'not-run': 'unclear',
};

/** An audit as one suite: a case is a saboteur, and passes when the lab saw it. */
export function suiteOfAudit(rows: readonly AuditRow[], status: AuditStatus): Suite {
  const runs = rows.flatMap(({ sabotaged, twin }) => [sabotaged, twin]);
  return {
    ...{ name: 'audit', classname: 'understudy.audit', status },
    durationMs: runs.reduce((sum, run) => sum + (run?.durationMs ?? 0), 0),
    cases: rows.map(caseOf),
    properties: {},
  };
}

function caseOf({ entry, verdict, detail, sabotaged, twin }: AuditRow): Case {
  const { experiment, mode, lane, seed, saboteur } = entry;
  const about = [sabotageOf(entry).join(' '), experiment.name, mode, ...laneWords(lane)];
  const name = [...about, `seed ${seed}`].join(' · ');
  const kind = KINDS[verdict];
  if (kind === 'passed') return { name, outcome: { kind } };
  const lines = [
    detail,
    ...(sabotaged ? [`without: ${sabotaged.directory}`] : []),
    ...(twin ? [`twin: ${twin.directory}`] : []),
    `repeat: npx understudy audit --only ${saboteur} --lane ${lane}`,
  ];
  return { name, outcome: { kind, type: verdict, message: detail, detail: lines } };
}
