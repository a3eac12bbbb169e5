import { counted, formatCount, formatMs, listed } from '../figures.ts';
import { attemptsUntold } from '../judgement.ts';
import type { Outcome } from '../outcome.ts';
import { capital, headlineOf, verdictTitle } from './headline.ts';
import { markup, type Markup } from './markup.ts';
import { laneWords } from '../verdict-words.ts';
import type { ReportedRun, Told } from './reported-run.ts';

/** What it all came to, first of all. `outcome` is that of a comparison. */
export function verdictSection(runs: readonly ReportedRun[], outcome: Outcome | undefined): Markup {
  const [only] = runs;
  const whole =
    outcome === undefined && only && runs.length === 1
      ? { status: only.told.status, ...headlineOf(only.told) }
      : comparisonHeadline(runs, outcome);
  return markup`<section class="verdict verdict-${whole.status}" aria-labelledby="verdict">
    <p class="about">${aboutOf(runs)}</p>
    <h1 id="verdict"><span class="word">${badge(whole.status)}${whole.word}<span class="unseen">.</span></span> <span class="sentence">${whole.sentence}</span></h1>
    ${runs.length > 1 ? each(runs) : only && figures(only)}
    <p class="caveat">${caveat(whole.status)}</p>
  </section>`;
}

/** A sign beside the word of a verdict, so that neither needs its colour. */
export function badge(verdict: Told['status'] | 'not-applicable'): Markup {
  const signs = { pass: '✓', fail: '✕', inconclusive: '?', interrupted: '–' } as const;
  const sign = verdict === 'not-applicable' ? '·' : signs[verdict];
  return markup`<span class="badge badge-${verdict}" aria-hidden="true">${sign}</span>`;
}

function comparisonHeadline(
  runs: readonly ReportedRun[],
  outcome: Outcome | undefined,
): { status: Told['status']; word: string; sentence: string } {
  if (outcome) {
    const { status, meaning } = outcome;
    return { status, word: verdictTitle(status), sentence: `${capital(meaning)}.` };
  }
  const statuses = runs.map(({ told }) => told.status);
  const order = ['fail', 'interrupted', 'inconclusive', 'pass'] as const;
  const status = order.find((each) => statuses.includes(each)) ?? 'inconclusive';
  const sentence = `That is the worst of ${counted(runs.length, 'run')}.`;
  return { status, word: verdictTitle(status), sentence };
}

function aboutOf(runs: readonly ReportedRun[]): string {
  const [first] = runs;
  if (!first) return '';
  const { told, data } = first;
  const one = runs.length === 1;
  return [
    told.experiment ?? 'a history',
    ...(one ? [first.label] : [counted(runs.length, 'run')]),
    ...laneWords(told.lane),
    told.fleet
      ? `${counted(told.nodes.length, 'container')} of ${told.fleet.project} (${told.fleet.group})`
      : counted(told.nodes.length, 'node'),
    counted(told.jobs ?? data.jobs.length, 'job'),
    `seed ${told.seed}`,
    ...(one ? [formatMs(told.durationMs)] : []),
    ...(told.sabotage ? [`without ${listed(told.sabotage)}`] : []),
  ].join(' · ');
}

/** The verdict of each run of a comparison. */
function each(runs: readonly ReportedRun[]): Markup {
  return markup`<ul class="runs">
    ${runs.map(({ label, told }) => {
      const { word, sentence } = headlineOf(told);
      const due = told.mode === 'uncoordinated' && told.status === 'fail' ? ', as it must be' : '';
      return markup`<li>
        <strong>${label}</strong>
        <span class="state-of-run">${badge(told.status)}${word}${due}</span>
        <span class="sentence">${sentence} ${formatMs(told.durationMs)}.</span>
      </li>`;
    })}
  </ul>`;
}

function figures({ told }: ReportedRun): Markup {
  const { counts, faults, takeovers } = told;
  const landed = faults.filter((fault) => fault.landed).length;
  const longest = takeovers.toSorted((a, b) => b.ms - a.ms).at(0);
  const cells: (readonly [string, string])[] = [
    ...(counts
      ? ([
          ['accepted jobs', formatCount(counts.accepted)],
          ['with exactly one effect', formatCount(counts.ok)],
          ['with more than one', formatCount(counts.duplicated)],
          ['lost', formatCount(counts.lost)],
          ['attempts', attemptsUntold(counts) ? 'not told' : formatCount(counts.attempts)],
        ] as const)
      : []),
    ['faults that landed', `${landed} of ${faults.length}`],
    ...(longest ? [['longest takeover', formatMs(longest.ms)] as const] : []),
  ];
  return markup`<dl class="figures">
    ${cells.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

function caveat(status: Told['status']): string {
  switch (status) {
    case 'pass':
      return 'Not refuted means: not by these faults, in this run. It is not a proof.';
    case 'fail':
      return 'What refutes it is shown below, from the history of the run alone.';
    case 'inconclusive':
      return 'Nothing is claimed either way. The checkers below say what was missing.';
    case 'interrupted':
      return 'It was not judged. What it recorded until then is shown below.';
  }
}
