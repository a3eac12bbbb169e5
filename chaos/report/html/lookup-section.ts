import { counted, formatCount } from '../figures.ts';
import { jobButton } from './checker-section.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';

const MOST_NAMED = 12;
const NOTABLE = [
  ['duplicatedJobs', 'took effect more than once', 'duplicated'],
  ['lostJobs', 'were lost', 'lost'],
  ['unexpectedJobs', 'were never enqueued', 'unexpected'],
  ['parkedJobs', 'were parked', 'parked'],
  ['pendingJobs', 'still wait', 'pending'],
] as const;

/** Where one job is looked up: its enqueueing, attempts and effects. */
export function lookupSection(runs: readonly ReportedRun[]): Markup {
  const jobs = Math.max(...runs.map(({ data }) => data.jobs.length));
  return markup`<section aria-labelledby="lookup">
    <h2 id="lookup">Look a job up</h2>
    <noscript><p>Looking up needs JavaScript; the history itself is beside this file.</p></noscript>
    <form id="find" class="needs-script" role="search" autocomplete="off">
      <label for="job">Id of a job, or a part of it</label>
      <span class="field"
        ><input type="search" id="job" spellcheck="false" autocapitalize="off" />
        <button type="submit">look up</button></span
      >
      <span class="note">${counted(jobs, 'job')}${runs.length > 1 && ', in each of the runs'}</span>
      <ul id="matches" class="matches" aria-label="Jobs that match"></ul>
    </form>
    ${runs.map((run) => notable(run, runs.length > 1))}
    <div id="found" aria-live="polite" class="needs-script"></div>
  </section>`;
}

/** The jobs of which the verdict speaks. */
function notable({ label, told }: ReportedRun, several: boolean): Markup | false {
  const { counts } = told;
  if (!counts) return false;
  const lists = NOTABLE.filter(([list]) => counts[list].length > 0);
  return (
    lists.length > 0 &&
    markup`${lists.map(([list, what, total]) => {
      const shown = counts[list].slice(0, MOST_NAMED);
      const more = counts[total] - shown.length;
      return markup`<p class="notable needs-script">
        ${several && `${label}: `}${formatCount(counts[total])} ${what}:
        ${shown.map((job) => jobButton(job))} ${more > 0 && `and ${formatCount(more)} more`}
      </p>`;
    })}`
  );
}
