import stringWidth from 'string-width';
import { pad, type Page, wordsOf, wrap } from './layout.ts';
import type { Tone } from './paint.ts';

/** A column of a table. */
export interface Column {
  readonly header: string;
  readonly align?: 'left' | 'right';
  /** `true`: narrowed before the others, because it holds few words. */
  readonly compact?: boolean;
}

/** What stands in a cell, and what it means. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** A line across all columns, above the rows it speaks of. */
export interface Span {
  readonly span: string;
  readonly tone?: Tone;
}

/** A row of a table: its cells, or a line across. */
export type Row = readonly Cell[] | Span;

/** Options of `renderTable`. */
export interface TableOptions {
  /** `true`: faint rules between rows, where there are rows of several lines. */
  readonly ruled?: boolean;
}

const GAP = '  ';
const NARROWEST = 4;

/**
 * A table as lines of text that fit the page: as wide as its content where there is room, else
 * its widest columns are narrowed and their cells wrap between words.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly Row[],
  page: Page,
  options: TableOptions = {},
): string[] {
  const widths = columnWidths(columns, rows.filter(hasCells), page.columns);
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  const header = renderRow(
    columns.map((column) => ({ text: column.header, tone: 'strong' as const })),
    columns,
    widths,
    page,
  );
  const rendered = rows.map((row) =>
    hasCells(row) ? renderRow(row, columns, widths, page) : renderSpan(row, page),
  );
  const ruled = options.ruled === true && rendered.some((lines) => lines.length > 1);
  const body = rendered.flatMap((lines, index) =>
    ruled && index > 0 ? [page.paint('faint', '┈'.repeat(total)), ...lines] : lines,
  );
  return [...header, page.paint('faint', '─'.repeat(total)), ...body];
}

function hasCells(row: Row): row is readonly Cell[] {
  return !('span' in row);
}

function renderSpan({ span, tone }: Span, page: Page): string[] {
  return wrap(span, page.columns).map((line) => (tone ? page.paint(tone, line) : line));
}

function renderRow(
  cells: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  page: Page,
): string[] {
  const wrapped = cells.map((cell, index) => wrap(cell.text, widths[index] ?? 1));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, lineIndex) =>
    cells
      .map((cell, index) => {
        const text = wrapped[index]?.[lineIndex] ?? '';
        const painted = cell.tone && text !== '' ? page.paint(cell.tone, text) : text;
        return pad(painted, widths[index] ?? 1, columns[index]?.align);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Narrows the widest column, step by step, until all fit; none below its longest word if it can. */
function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  available: number,
): number[] {
  const texts = columns.map((column, index) => [
    column.header,
    ...rows.map((row) => row[index]?.text ?? ''),
  ]);
  const widths = texts.map((cells) => widest(cells.flatMap((text) => text.split('\n'))));
  const longestWords = texts.map((cells) =>
    widest(cells.flatMap((text) => text.split('\n').flatMap(wordsOf))),
  );
  const room = available - GAP.length * (columns.length - 1);
  const compactOnly = widths.map((width, index) =>
    columns[index]?.compact ? (longestWords[index] ?? 1) : width,
  );
  narrow(widths, compactOnly, room);
  narrow(widths, longestWords, room);
  // A path may be wider than the page by itself: then words are cut.
  narrow(
    widths,
    widths.map(() => NARROWEST),
    room,
  );
  return widths;
}

function narrow(widths: number[], floors: readonly number[], room: number): void {
  const excess = (): number => widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess() > 0) {
    let victim = -1;
    widths.forEach((width, index) => {
      if (width > (floors[index] ?? 1) && width > (widths[victim] ?? 0)) victim = index;
    });
    if (victim === -1) return;
    widths[victim] = (widths[victim] ?? 0) - 1;
  }
}

function widest(texts: readonly string[]): number {
  return Math.max(1, ...texts.map((text) => stringWidth(text)));
}
