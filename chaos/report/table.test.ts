import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { counted, firstFew, formatCents, formatCount, formatMs, listed } from './figures.ts';
import { clip, hanging, wrap } from './layout.ts';
import { plainPaint } from './paint.ts';
import { renderTable } from './table.ts';

const page = { columns: 40, paint: plainPaint };

describe('a table', () => {
  const columns = [{ header: 'id' }, { header: 'text' }, { header: 'n', align: 'right' as const }];

  it('is as wide as its content where there is room', () => {
    const lines = renderTable(columns, [[{ text: 'a' }, { text: 'short' }, { text: '12' }]], page);
    expect(lines).toEqual(['id  text    n', '─────────────', 'a   short  12']);
  });

  it('narrows its widest column between words where there is not', () => {
    const text = 'words that need more than one line of a table that is narrow';
    const lines = renderTable(columns, [[{ text: 'a' }, { text }, { text: '1' }]], page);
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(40);
    expect(lines.slice(2).join(' ').replaceAll(/\s+/g, ' ')).toContain('words that need more');
  });

  it('cuts a word that is wider than the page, and loses none of it', () => {
    const path = `/very/long/${'x'.repeat(80)}`;
    const lines = renderTable([{ header: 'path' }], [[{ text: path }]], page);
    expect(lines.slice(2).join('')).toBe(path);
  });

  it('counts characters of two columns as two', () => {
    const lines = renderTable(columns, [[{ text: '漢字' }, { text: 'x' }, { text: '1' }]], page);
    expect(lines[1]).toHaveLength(stringWidth(lines[2] ?? ''));
  });
});

it('shows control characters of a name instead of obeying them', () => {
  expect(wrap('p-1\u001b[2Jp-2', 40)).toEqual(['p-1\u{FFFD}[2Jp-2']);
  expect(clip('a\u0007b', 10)).toBe('a\u{FFFD}b');
});

it('indents what follows the first line of a paragraph', () => {
  expect(hanging('why: ', 'one two three', 12)).toEqual(['why: one two', '     three']);
});

it('clips a line with a sign that something is missing', () => {
  expect(clip('abcdef', 4)).toBe('abc…');
});

it('writes figures as people read them', () => {
  expect([0.4, 38.2, 999.4, 1001, 3000, 59_949, 72_000].map(formatMs)).toEqual([
    ...['0.4 ms', '38 ms', '999 ms', '1.00 s', '3 s', '59.95 s', '1 min 12 s'],
  ]);
  expect([0, 999, 5000, 1_234_567].map(formatCount)).toEqual(['0', '999', '5,000', '1,234,567']);
  expect([5, -1205, 123_456].map(formatCents)).toEqual(['0.05', '-12.05', '1,234.56']);
  expect([counted(1, 'job'), counted(2, 'job')]).toEqual(['1 job', '2 jobs']);
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(firstFew(['a', 'b', 'c'], 9, 2)).toBe('a, b and 7 more');
});
