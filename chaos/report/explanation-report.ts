import { formatCount } from './figures.ts';
import { hanging, type Page, wrap } from './layout.ts';
import type { Explanation } from './result.ts';
import { type Cell, renderTable } from './table.ts';

/** What is told of a refuted run, and how to make it again. */
export interface Refutation {
  readonly explanations?: readonly Explanation[] | undefined;
  /** The command that makes such a run again, where it is known. */
  readonly repeat?: string | undefined;
}

/** What happened around the first violation of each kind; nothing of a run that holds. */
export function renderExplanations(
  { explanations = [], repeat }: Refutation,
  page: Page,
): string[] {
  if (explanations.length === 0) return [];
  return [
    ...explanations.flatMap((explanation, index) => [
      ...(index === 0 ? [] : ['']),
      ...renderExplanation(explanation, page),
    ]),
    '',
    ...renderRepeat(repeat, page),
  ];
}

/** What happened around one violation: its detail, what came before, and the messages in order. */
export function renderExplanation(explanation: Explanation, page: Page): string[] {
  const { checker, kind, total, detail, fleet, sequence } = explanation;
  const which = total === 1 ? 'the only' : `the first of ${formatCount(total)}`;
  const title = `What happened around ${which} ${kind} (${checker})`;
  return [
    ...wrap(title, page.columns).map((line) => page.paint('strong', line)),
    ...hanging('  ', detail, page.columns),
    ...hanging('  before: ', fleet?.nodes.join('; ') ?? 'the run begins here', page.columns),
    ...(fleet && fleet.faults.length > 0
      ? hanging('  in force: ', fleet.faults.join('; '), page.columns)
      : []),
    '',
    ...renderSequence(sequence, page),
  ];
}

/** The lines of the sequence; `>` marks those that are about the violation itself. */
function renderSequence(sequence: Explanation['sequence'], page: Page): string[] {
  const rows = sequence.map(({ at, who, what, own }): Cell[] => [
    { text: own ? '>' : '' },
    { text: who === '…' ? '' : milliseconds(at) },
    { text: who },
    { text: what, tone: own ? 'strong' : 'faint' },
  ]);
  const columns = [
    { header: '' },
    { header: 'ms', align: 'right' },
    { header: 'who' },
    { header: 'what' },
  ] as const;
  return renderTable(columns, rows, page);
}

/** To the tenth of a millisecond: what is told here lies close together. */
function milliseconds(at: number): string {
  const [whole = '', tenth = '0'] = at.toFixed(1).split('.');
  return `${formatCount(Number(whole))}.${tenth}`;
}

/** The command, in one line: it is there to be copied. */
function renderRepeat(repeat: string | undefined, page: Page): string[] {
  const caveat =
    'The same plan again: the same jobs, faults and moments. How the processes interleave is chance, so not every run of it need be refuted.';
  if (repeat !== undefined)
    return [`repeat: ${repeat}`, ...hanging('        ', caveat, page.columns)];
  return hanging(
    'repeat: ',
    'not known: the history does not say by which command it was made, nor which input and which settings (handler time, rate, concurrency) the run had.',
    page.columns,
  );
}
