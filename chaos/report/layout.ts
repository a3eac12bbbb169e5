import stringWidth from 'string-width';
import type { Paint } from './paint.ts';

/** Where a report is shown: how wide, and with what colours. */
export interface Page {
  /** Characters a line holds. */
  readonly columns: number;
  readonly paint: Paint;
}

const PROSE_COLUMNS = 100;

/** The page for sentences: lines that are longer than this are hard to read. */
export function prosePage(page: Page): Page {
  return { ...page, columns: Math.min(page.columns, PROSE_COLUMNS) };
}

/**
 * Breaks `text` into lines of at most `width` columns, at spaces where it can. A word that is
 * wider than a line is cut. Names come from outside, so control characters are made visible; text
 * is therefore painted after it was wrapped.
 */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(1, width);
  return text.split('\n').flatMap((line) => wrapParagraph(printable(line), limit));
}

/** `text` with control characters replaced, so that no name can steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{FFFD}');
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const indent = paragraph.slice(0, paragraph.length - paragraph.trimStart().length);
  const limit = Math.max(1, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(paragraph.trimStart())) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (stringWidth(longer) <= limit) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (stringWidth(line) > limit) {
      const head = fit(line, limit);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  lines.push(line);
  return lines.map((each) => indent + each);
}

/** The parts of a line that stay together: words, and a number with its unit. */
export function wordsOf(line: string): string[] {
  return line.split(/(?<!\d) | (?!(?:ms|s|min)\b)/);
}

/** The longest beginning of `text` that is at most `width` columns wide. */
function fit(text: string, width: number): string {
  let head = '';
  for (const character of text) {
    // At least one character, or a line narrower than it would never end.
    if (head !== '' && stringWidth(head + character) > width) break;
    head += character;
  }
  return head;
}

/** `text` cut to `width` columns, with `…` where something was left out. */
export function clip(text: string, width: number): string {
  const line = printable(text);
  if (stringWidth(line) <= width) return line;
  return width < 1 ? '' : `${fit(line, width - 1)}…`;
}

/** `text` filled with spaces to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** A paragraph under a hanging indent: the first line begins with `lead`, the others below it. */
export function hanging(lead: string, text: string, columns: number): string[] {
  const indent = stringWidth(lead);
  return wrap(text, columns - indent).map((line, index) =>
    index === 0 ? lead + line : ' '.repeat(indent) + line,
  );
}
