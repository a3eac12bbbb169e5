import { counted, formatCount } from './figures.ts';
import type { Page } from './layout.ts';
import type { RunResult } from './result.ts';
import { renderTable, type Row } from './table.ts';

/** How often the same run, made several times, came to what. */
export interface Rate {
  readonly experiment: string;
  readonly mode: RunResult['mode'];
  readonly seed: number;
  readonly runs: number;
  /** How many of the runs came to each status; those that none came to are left out. */
  readonly statuses: Readonly<Partial<Record<RunResult['status'], number>>>;
  /** How many of the runs were refuted by each kind of anomaly. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** The kinds of anomaly that refute a run, in the order of the checkers. */
export function refutingKinds({ checkers }: Pick<RunResult, 'checkers'>): string[] {
  const failed = checkers.filter(({ verdict }) => verdict === 'fail');
  return [...new Set(failed.flatMap(({ decidedBy = [] }) => decidedBy))];
}

/** The rates of runs with the same experiment, mode, lane and seed, in the order of the first of each. */
export function ratesOf(results: readonly RunResult[]): Rate[] {
  const groups = Map.groupBy(results, ({ experiment, mode, lane, seed }) =>
    JSON.stringify([experiment, mode, lane, seed]),
  );
  return [...groups.values()].flatMap((runs): Rate[] => {
    const [first] = runs;
    if (!first) return [];
    const { experiment, mode, seed } = first;
    return [
      {
        ...{ experiment, mode, seed, runs: runs.length },
        statuses: tally(runs.map(({ status }) => status)),
        kinds: tally(runs.flatMap(refutingKinds)),
      },
    ];
  });
}

function tally<K extends string>(names: readonly K[]): Record<K, number> {
  const counts = new Map<K, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts) as Record<K, number>;
}

/** The rates as a table. */
export function renderRates(rates: readonly Rate[], page: Page): string[] {
  const headers = ['experiment', 'mode', 'seed', 'refuted', 'by', 'inconclusive'];
  const rows = rates.map(({ experiment, mode, seed, runs, statuses, kinds }): Row => {
    const of = (count = 0): string => `${formatCount(count)} of ${formatCount(runs)}`;
    const by = Object.entries(kinds).map(([kind, count]) => `${kind} in ${counted(count, 'run')}`);
    return [
      { text: experiment },
      { text: mode },
      { text: String(seed) },
      { text: of(statuses.fail), tone: statuses.fail ? 'bad' : undefined },
      { text: by.join(', ') || '-' },
      { text: of(statuses.inconclusive), tone: statuses.inconclusive ? 'unsure' : undefined },
    ];
  });
  return renderTable(
    headers.map((header) => ({ header })),
    rows,
    page,
  );
}
