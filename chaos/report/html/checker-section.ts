import { formatCount, formatMs } from '../figures.ts';
import type { RunResult } from '../result.ts';
import { headlineOf, verdictTitle } from './headline.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';
import { badge } from './verdict-section.ts';

type Checker = RunResult['checkers'][number];

/** Each checker with what it expects, its limit, what it observed and its verdict. */
export function checkerSection(runs: readonly ReportedRun[]): Markup {
  return markup`<section aria-labelledby="checkers">
    <h2 id="checkers">Checkers</h2>
    <p class="note">
      Each is a function from the history to a verdict. A run is refuted if one of them is, and
      inconclusive if one cannot tell.
    </p>
    ${runs.map((run) => checkersOf(run, runs.length > 1))}
  </section>`;
}

function checkersOf({ label, told }: ReportedRun, several: boolean): Markup {
  const { checkers } = told;
  if (checkers.length === 0)
    return markup`<p>${several && `${label}: `}${headlineOf(told).sentence}</p>`;
  const caption = several ? `Checkers of the ${label} run` : 'Checkers of the run';
  return markup`${several && markup`<h3>${label}</h3>`}
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table class="stacked">
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">checker</th>
            <th scope="col">verdict</th>
            <th scope="col">expectation</th>
            <th scope="col">limit</th>
            <th scope="col">observed</th>
          </tr>
        </thead>
        <tbody>
          ${checkers.map((checker) => row(checker))}
        </tbody>
      </table>
    </div>`;
}

function row(checker: Checker): Markup {
  const { verdict, expectation, reason, anomalies, totals } = checker;
  const observed = observedOf(checker);
  return markup`<tr>
    <th scope="row">${checker.checker}</th>
    <td data-label="verdict" class="verdict-cell">${badge(verdict)}${verdictTitle(verdict)}</td>
    <td data-label="expectation">${expectation}</td>
    <td data-label="limit">${limitOf(checker)}</td>
    <td data-label="observed">
      ${observed}${
        reason !== undefined &&
        !observed.includes(reason) &&
        markup`<br /><span class="faint">${reason}</span>`
      }${anomalies.length > 0 && found(anomalies, totals)}
    </td>
  </tr>`;
}

const MOST_SHOWN = 20;

/** The findings in full behind a summary, with a way to look up the job of each. */
function found(anomalies: Checker['anomalies'], totals: Checker['totals']): Markup {
  const told = Object.entries(totals).map(([kind, total]) => `${formatCount(total)} ${kind}`);
  return markup`<details>
    <summary>${told.join(', ')}</summary>
    <ul>
      ${anomalies
        .slice(0, MOST_SHOWN)
        .map(
          ({ detail, job }) => markup`<li>${detail} ${job !== undefined && jobButton(job)}</li>`,
        )}
    </ul>
  </details>`;
}

/** A button that looks a job up. */
export function jobButton(job: string): Markup {
  return markup`<button type="button" class="job" data-job="${job}">look up ${job}</button>`;
}

function observedOf({ verdict, observed }: Checker): string {
  if (verdict === 'not-applicable' && observed === '-') return '';
  return typeof observed === 'number' ? formatCount(observed) : observed;
}

function limitOf({ checker, limit }: Checker): string {
  if (limit === undefined) return '–';
  if (typeof limit === 'string') return limit;
  return checker === 'liveness' || checker === 'steady' ? formatMs(limit) : formatCount(limit);
}
