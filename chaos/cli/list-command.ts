import { type Mode, modeSchema } from '@understudy/history';
import { type SaboteurDescription, saboteurs } from '../audit/saboteurs.ts';
import { allCheckers } from '../checker/index.ts';
import { experiments } from '../experiments/index.ts';
import { faults } from '../faults/index.ts';
import { hanging, type Page } from '../report/layout.ts';
import { renderTable } from '../report/table.ts';
import { EXIT } from './exit-status.ts';
import type { FormFlags } from './option-values.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';

const ALL_MODES: readonly Mode[] = modeSchema.options;

/** `understudy list`: what can be run, what is injected, what is judged. */
export function listCommand({ reporter }: FormFlags, terminal: Terminal): number {
  const catalogue = {
    experiments: experiments.map(({ name, modes, shows, expects, mustRefute }) => ({
      name,
      modes: modes ?? ALL_MODES,
      shows,
      expects,
      ...(mustRefute === undefined ? {} : { mustRefute }),
    })),
    faults: faults.map(({ name, place, summary }) => ({ name, place, summary })),
    checkers: allCheckers.map(({ name, expectation }) => ({ name, expectation })),
    saboteurs,
  };
  if (reporter === 'json') printJson(terminal, { schemaVersion: 1, ...catalogue });
  else print(terminal, renderCatalogue(catalogue, pageOf(terminal.stdout, terminal.environment)));
  return EXIT.pass;
}

interface CatalogueExperiment {
  readonly name: string;
  readonly modes: readonly Mode[];
  readonly shows: string;
  readonly expects: string;
  readonly mustRefute?: string;
}

interface Catalogue {
  readonly experiments: readonly CatalogueExperiment[];
  readonly faults: readonly { name: string; place: string; summary: string }[];
  readonly checkers: readonly { name: string; expectation: string }[];
  readonly saboteurs: readonly SaboteurDescription[];
}

function renderCatalogue(
  { experiments, faults, checkers, saboteurs }: Catalogue,
  page: Page,
): string[] {
  const table = (headers: readonly string[], rows: readonly (readonly string[])[]): string[] =>
    renderTable(
      headers.map((header) => ({ header })),
      rows.map((cells) => cells.map((text) => ({ text }))),
      page,
    );
  return [
    ...table(
      ['experiment', 'what it shows', 'what it expects'],
      experiments.map(({ name, modes, shows, expects }) => [
        modes.length < ALL_MODES.length ? `${name} (${modes.join(', ')} only)` : name,
        shows,
        expects,
      ]),
    ),
    '',
    ...table(
      ['fault', 'acts on', 'what it does (parameters and their defaults)'],
      faults.map(({ name, place, summary }) => [name, place, summary]),
    ),
    '',
    ...table(
      ['checker', 'what must hold'],
      checkers.map(({ name, expectation }) => [name, expectation]),
    ),
    '',
    ...table(
      ['saboteur', 'what it takes out of the worker (--sabotage)'],
      saboteurs.map(({ name, removes }) => [name, removes]),
    ),
    '',
    ...hanging('run one: ', 'understudy run kill-leader --mode active-passive', page.columns),
  ];
}
