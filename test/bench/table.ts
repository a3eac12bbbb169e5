import { describeMachine } from './machine.ts';
import type { Row } from './results.ts';

const MARKS = {
  held: '✓',
  missed: '✗',
  short: 'short',
  incomplete: '?',
  failed: 'failed',
} as const;
const HEADINGS = ['what', 'ours', 'peer', 'ratio', 'n', 'required', ''];
/** Widths of the columns; 0 for those that share what is left. */
const FIXED = [0, 0, 0, 10, 8, 0, 8];
const GAP = '  ';

/** The table, with what stands below it: notes of rows, aims, machines. */
export function tableText(rows: readonly Row[], width: number): string {
  const widths = widthsOf(width);
  const lines = [HEADINGS, ...rows.map(cellsOf)].flatMap((cells) => [
    ...lineUp(cells, widths),
    '─'.repeat(widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length)),
  ]);
  return `${[...lines, ...rows.flatMap(footnotes), '', ...machinesOf(rows)].join('\n')}\n`;
}

/** The table for a document. */
export function tableMarkdown(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', '<br>')).join(' | ')} |`;
  const head = [line(HEADINGS), line(HEADINGS.map(() => '---'))];
  return `${[...head, ...rows.map((row) => line(cellsOf(row))), '', ...machinesOf(rows)].join('\n')}\n`;
}

function cellsOf(row: Row): string[] {
  const peers = row.peers.map((peer) =>
    'absent' in peer ? `${peer.name}: absent (${peer.absent})` : `${peer.name}: ${peer.figure}`,
  );
  const required = row.required.map(({ text, held }) => `${text}${fate(held)}`);
  return [
    row.what,
    row.ours,
    peers.join('\n') || '–',
    row.ratio ?? '–',
    row.n === 0 ? '–' : String(row.n),
    required.join('\n') || '–',
    verdictOf(row),
  ];
}

/** Whether it held; of several full measurements, in how many. */
function verdictOf({ status, earlier = [] }: Row): string {
  if (earlier.length === 0) return MARKS[status];
  const held = [status, ...earlier.map((each) => each.status)].filter((each) => each === 'held');
  return `${MARKS[status]} ${held.length}/${earlier.length + 1}`;
}

function fate(held: boolean | null): string {
  if (held === null) return ' ?';
  return held ? '' : ' ✗';
}

function footnotes(row: Row): string[] {
  const aims = row.aims.map(({ text, held }) => `aim ${text}: ${held ? 'reached' : 'not reached'}`);
  const said = [...row.notes, ...aims].map((note) => `  ${note}`);
  return said.length === 0 ? [] : [`${row.name}:`, ...said];
}

/** Each machine with its rows; only the machine where all are of one. */
function machinesOf(rows: readonly Row[]): string[] {
  const byMachine = Map.groupBy(rows, ({ machine }) => describeMachine(machine));
  return [...byMachine].flatMap(([machine, of]) => {
    const days = [...new Set(of.map(({ measuredAt }) => measuredAt.slice(0, 10)))].sort();
    const loads = of.map(({ loadBefore }) => loadBefore);
    const load = `load before each ${Math.min(...loads)} to ${Math.max(...loads)}`;
    const which = byMachine.size === 1 ? '' : ` (${of.map(({ name }) => name).join(', ')})`;
    return [`measured ${days.join(', ')} on ${machine}; ${load}${which}`];
  });
}

function widthsOf(width: number): number[] {
  const taken = FIXED.reduce((sum, fixed) => sum + fixed + GAP.length, -GAP.length);
  const shared = FIXED.filter((fixed) => fixed === 0).length;
  return FIXED.map((fixed) => fixed || Math.max(6, Math.floor((width - taken) / shared)));
}

function lineUp(cells: readonly string[], widths: readonly number[]): string[] {
  const columns = cells.map((cell, index) => wrap(cell, widths[index] ?? 1));
  const height = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, y) =>
    columns
      .map((column, x) => (column[y] ?? '').padEnd(widths[x] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** Lines of at most `width` characters, broken at spaces; a longer word is broken as well. */
function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
      while (line.length > width) {
        lines.push(line.slice(0, width));
        line = line.slice(width);
      }
    }
    return [...lines, line];
  });
}
