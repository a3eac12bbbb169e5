import { formatMs } from './figures.ts';
import type { CaseOutcome, Suite } from './suite.ts';
import { verdictWord } from './verdict-words.ts';

type Trouble = Exclude<CaseOutcome, { readonly kind: 'passed' }>;

/**
 * Annotations as GitHub Actions reads them from the output of a step: an error for what is refuted, a
 * warning for what is unclear; one line each.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function annotationsOf({ name, cases, properties }: Suite): string[] {
  return troubles(cases).map(({ name: claim, outcome }) => {
    const command = outcome.kind === 'failed' ? 'error' : 'warning';
    const word = outcome.kind === 'failed' ? 'refuted' : 'inconclusive';
    const title = `${name}: ${claim} ${word}`;
    const { directory, repeat } = properties;
    const lines = [
      outcome.message,
      ...(directory === undefined ? [] : [`run: ${directory}`]),
      ...(repeat === undefined ? [] : [`repeat: ${repeat}`]),
    ];
    return `::${command} title=${property(title)}::${data(lines.join('\n'))}`;
  });
}

/** GitHub takes a mebibyte of summary from a step: of many suites only the first tell everything. */
const SUITES_TOLD = 20;
const DETAIL_LINES = 120;

/** The summary of a step, as Markdown: every suite in a table, and what is wrong with which. */
export function summaryOf(title: string, suites: readonly Suite[]): string {
  const rows = suites.map(({ name, status, cases, durationMs }) => {
    const wrong = troubles(cases).map((each) => each.name);
    const took = durationMs === undefined ? '' : formatMs(durationMs);
    return row([name, verdictWord(status), wrong.join(', '), took]);
  });
  const troubled = suites.filter(({ cases }) => troubles(cases).length > 0);
  const left = troubled.length - SUITES_TOLD;
  const lines = [
    `## ${markdown(title)}`,
    '',
    row(['run', 'verdict', 'by', 'took']),
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...troubled.slice(0, SUITES_TOLD).flatMap(told),
    ...(left > 0 ? [`What is wrong with ${left} more is in their directories.`, ''] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function told({ name, cases }: Suite): string[] {
  return troubles(cases).flatMap(({ name: claim, outcome }) => [
    `### ${markdown(`${name}: ${claim}`)}`,
    '',
    markdown(outcome.message),
    '',
    '<details><summary>what happened</summary>',
    '',
    ...fenced(outcome.detail.slice(0, DETAIL_LINES)),
    '',
    '</details>',
    '',
  ]);
}

function troubles(cases: Suite['cases']): { readonly name: string; readonly outcome: Trouble }[] {
  return cases.flatMap(({ name, outcome }) =>
    outcome.kind === 'failed' || outcome.kind === 'unclear' ? [{ name, outcome }] : [],
  );
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(markdown).join(' | ')} |`;
}

/** Text that is to be read as it is: nothing in it is markup. */
function markdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~@-]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, ' ');
}

/** A block of code; the fence is longer than any row of backticks in it. */
function fenced(lines: readonly string[]): string[] {
  const text = lines.join('\n');
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [fence, ...lines, fence];
}

/** The message of a command, on one line. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property of a command, which ends at a comma or a colon. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
