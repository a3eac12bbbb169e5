/** A table of a document: its rows without the header, each a list of cells. */
export type Table = readonly (readonly string[])[];

/** What stands under a heading, up to the next one of the same rank. @throws when there is none */
export function sectionOf(document: string, heading: string): string {
  const [, after] = document.split(new RegExp(`^## ${heading}$`, 'm'));
  if (after === undefined) throw new Error(`the document has no section "${heading}"`);
  return after.split(/^## /m)[0] ?? '';
}

/** The tables of a text, in their order. */
export function tablesIn(text: string): Table[] {
  const tables: string[][][] = [];
  let open: string[][] | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      open = undefined;
      continue;
    }
    if (!open) tables.push((open = []));
    open.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  // The first line is the header, the second the rule below it.
  return tables.map((table) => table.slice(2));
}

/** What a cell has in backticks. */
export function wordsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
}
