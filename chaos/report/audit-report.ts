import { sabotageOf } from '../audit/entry.ts';
import type { AuditRow, AuditStatus, AuditVerdict } from '../audit/matrix.ts';
import { saboteurs } from '../audit/saboteurs.ts';
import { formatMs, listed } from './figures.ts';
import { section, verdictLine } from './judgement.ts';
import { hanging, type Page } from './layout.ts';
import type { Tone } from './paint.ts';
import { shortPath } from './run-report.ts';
import { type Cell, renderTable } from './table.ts';
import { laneWords, toneOfVerdict, verdictWord } from './verdict-words.ts';

const TONES: Readonly<Record<AuditVerdict, Tone>> = {
  caught: 'good',
  missed: 'bad',
  'not-the-saboteur': 'bad',
  unclear: 'unsure',
  'not-run': 'unsure',
};

const MEANINGS: Readonly<Record<AuditStatus, string>> = {
  pass: 'every saboteur was refuted by its anomaly, and the fleet with its protections by none',
  fail: 'the lab failed to see a protection missing, or refuted a fleet that has them all',
  inconclusive: 'no entry speaks against the lab, and at least one says nothing',
  interrupted: 'ended before all runs were made and judged',
};

/** The matrix of an audit, as lines of text. */
export function renderAudit(
  rows: readonly AuditRow[],
  status: AuditStatus,
  page: Page,
  cwd: string,
): string[] {
  const headers = ['without', 'experiment', 'expected', 'found', 'verdict', 'twin', 'took'];
  return [
    ...renderTable(
      headers.map((header) => ({ header })),
      rows.map(cellsOf),
      page,
      { ruled: true },
    ),
    ...section(explanations(rows, page)),
    ...section(rows.flatMap((row) => (row.verdict === 'caught' ? [] : trouble(row, page, cwd)))),
    '',
    ...verdictLine(status, MEANINGS[status], page),
  ];
}

function cellsOf({ entry, found, verdict, sabotaged, twin }: AuditRow): Cell[] {
  const { experiment, mode, lane, seed, expected } = entry;
  return [
    { text: sabotageOf(entry).join(' ') },
    { text: [experiment.name, mode, ...laneWords(lane), `seed ${seed}`].join(' ') },
    { text: `${expected.checker}: ${expected.kind}` },
    { text: found.join(', ') || 'nothing' },
    { text: verdict === 'missed' ? 'MISSED' : verdict, tone: TONES[verdict] },
    twin
      ? { text: verdictWord(twin.status), tone: toneOfVerdict(twin.status) }
      : { text: 'not run', tone: 'unsure' },
    { text: sabotaged ? formatMs(sabotaged.durationMs) : '' },
  ];
}

/** What each saboteur takes away; what is the same on both lanes is said once. */
function explanations(rows: readonly AuditRow[], page: Page): string[] {
  const texts = new Map(rows.map(({ entry }) => [explained(entry), entry.saboteur]));
  return [...texts].flatMap(([text, name]) => hanging(`${name}: `, text, page.columns));
}

function explained(entry: AuditRow['entry']): string {
  const removes = saboteurs.find(({ name }) => name === entry.saboteur)?.removes ?? '';
  const { mask } = entry;
  const masked = mask ? `; masked unless ${listed(mask.remove)}: ${mask.why}` : '';
  return `removes ${removes}${masked}`;
}

function trouble({ entry, detail, sabotaged, twin }: AuditRow, page: Page, cwd: string): string[] {
  return [
    ...hanging(`${entry.saboteur}: `, detail, page.columns).map((line) => page.paint('bad', line)),
    ...(sabotaged ? [`  without: ${shortPath(sabotaged.directory, cwd)}`] : []),
    ...(twin ? [`  twin:    ${shortPath(twin.directory, cwd)}`] : []),
    `  again:   npx understudy audit --only ${entry.saboteur} --lane ${entry.lane}`,
  ];
}
