import { formatCount } from './figures.ts';
import { hanging, type Page } from './layout.ts';
import type { Shrunk } from './result.ts';
import { renderTable, type Row } from './table.ts';

/** What was left out of a schedule, and how often each candidate reproduced. */
export function renderShrunk(shrunk: Shrunk, page: Page): string[] {
  const { kind, of, steps, candidates, reproducedAgain, path } = shrunk;
  const rows = candidates.map(({ steps: names, reproduced, runs }): Row => [
    { text: names.join(' ') || 'no fault at all' },
    { text: runs === 0 ? 'not run' : `${formatCount(reproduced)} of ${formatCount(runs)}` },
  ]);
  const conclusion = reproducedAgain
    ? `${steps.length === 0 ? 'no fault at all' : steps.join(' ')} is enough (${steps.length} of ${of} steps). A candidate that did not reproduce in its few runs may do so in more.`
    : `the whole schedule did not reproduce ${kind} again, so nothing was left out. Try more runs of each candidate: --shrink-repeat.`;
  return [
    ...renderTable([{ header: 'faults injected' }, { header: `reproduced ${kind}` }], rows, page),
    '',
    ...hanging('shrunk: ', conclusion, page.columns),
    // A path is not wrapped: it is there to be copied.
    `run it: npx understudy replay ${path}`,
  ];
}
