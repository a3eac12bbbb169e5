import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';

const CAVEAT =
  'The same plan again: the same jobs, faults and moments. How the processes interleave is chance, so not every run of it need come to the same.';

/** How to make it again, and what it was made with. */
export function repeatSection(runs: readonly ReportedRun[]): Markup {
  const several = runs.length > 1;
  return markup`<section aria-labelledby="repeat">
    <h2 id="repeat">Make it again</h2>
    <p class="note">${CAVEAT}</p>
    ${runs.map((run, index) => commandsOf(run, index, several))}
    <h3>Made with</h3>
    ${runs.map(({ label, told }) => facts(label, told, several))}
  </section>`;
}

function commandsOf({ label, told }: ReportedRun, index: number, several: boolean): Markup {
  return markup`${several && markup`<h3>${label}</h3>`}
  ${
    told.repeat === undefined
      ? markup`<p>The history does not say by which command it was made.</p>`
      : command(told.repeat, `repeat-${index}`, 'run it again')
  }
  ${
    told.experiment !== undefined &&
    command(
      `npx understudy replay ${told.run}`,
      `replay-${index}`,
      'inject again what was really hit',
    )
  }
  ${command(`npx understudy check .understudy/runs/${told.run}/history.ndjson`, `check-${index}`, 'judge the history again')}`;
}

/** A command with a button that copies it. */
function command(text: string, id: string, what: string): Markup {
  return markup`<div class="command"><span class="what">${what}</span>
    <code id="${id}" tabindex="0">${text}</code>
    <button type="button" class="copy needs-script" data-copy="${id}">copy<span class="unseen"> the command: ${what}</span></button>
  </div>`;
}

function facts(label: string, told: ReportedRun['told'], several: boolean): Markup {
  const pairs: (readonly [string, string])[] = [
    ...(several ? [['mode', label] as const] : []),
    ['run', told.run],
    ['begun', told.startedAt],
    ['seed', String(told.seed)],
    ...Object.entries(told.versions ?? {}),
  ];
  return markup`<dl class="facts">${pairs.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
