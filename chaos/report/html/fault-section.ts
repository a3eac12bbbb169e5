import { counted, formatMoment, formatMs } from '../figures.ts';
import type { RunResult } from '../result.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';

type Takeover = RunResult['takeovers'][number];

/** How long after each fault its successor worked, beside how long it may take. */
export function takeoverSection(runs: readonly ReportedRun[]): Markup | false {
  const rows = runs.flatMap((run) => run.told.takeovers.map((takeover) => ({ run, takeover })));
  if (rows.length === 0) return false;
  const several = runs.length > 1;
  const caption = 'Takeovers: from the fault to the first effect of the successor';
  return markup`<section aria-labelledby="takeovers">
    <h2 id="takeovers">Takeover gaps</h2>
    <p class="note">
      From the moment before the fault was injected to the first effect by the successor. The line
      at the right of each bar is its limit.
    </p>
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table class="stacked gaps">
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${several && markup`<th scope="col">run</th>`}
            <th scope="col">after</th>
            <th scope="col">from</th>
            <th scope="col">to</th>
            <th scope="col">gap</th>
            <th scope="col">limit</th>
            <th scope="col">share of the limit</th>
            <th scope="col" class="to-show">in the timeline</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ run, takeover }) => row(run, takeover, several))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ label, id }: ReportedRun, takeover: Takeover, several: boolean): Markup {
  const { cause, from, to, ms, limitMs, at, excused } = takeover;
  const late = ms > limitMs;
  const remark = excused ?? (late ? 'later than the limit' : '');
  const after = `${cause} at ${formatMoment(at - ms)}`;
  return markup`<tr>
    ${several && markup`<td data-label="run">${label}</td>`}
    <th scope="row">${after}</th>
    <td data-label="from">${from}</td>
    <td data-label="to">${to}</td>
    <td data-label="gap" class="number">${formatMs(ms)}</td>
    <td data-label="limit" class="number">${formatMs(limitMs)}</td>
    <td data-label="share of the limit">
      <span class="share">${bar(ms, limitMs, excused !== undefined)}</span>${
        remark !== '' && markup`<span class="faint">${remark}</span>`
      }
    </td>
    <td data-label="in the timeline" class="to-show">${show(id, at - ms, at, after)}</td>
  </tr>`;
}

const FULL = 100;

/** A bar up to the limit, or over it. */
function bar(ms: number, limitMs: number, excused: boolean): Markup {
  const share = limitMs > 0 ? (ms / limitMs) * FULL : FULL;
  const over = share > FULL && !excused;
  const width = Math.min(share, FULL).toFixed(1);
  return markup`<span class="gap${over && ' over'}"><span style="width:${width}%"></span></span>
    ${Math.round(share)} %`;
}

/** A button that shows a stretch of a run in the timeline, with something around it. */
function show(run: string, fromMs: number, untilMs: number, what: string): Markup {
  return markup`<button
    type="button"
    class="show"
    data-run="${run}"
    data-from="${fromMs.toFixed(1)}"
    data-until="${untilMs.toFixed(1)}"
  >
    show<span class="unseen"> ${what}</span>
  </button>`;
}

/** Every fault of the schedule, and the evidence that it landed. */
export function faultSection(runs: readonly ReportedRun[]): Markup | false {
  if (runs.every(({ told }) => told.faults.length === 0)) return false;
  return markup`<section aria-labelledby="faults">
    <h2 id="faults">Faults</h2>
    <p class="note">
      What was seen from outside says whether a fault landed. Without it, or with no job unfinished
      at the time, nothing would be proved.
    </p>
    ${runs.map((run) => faultsOf(run, runs.length > 1))}
  </section>`;
}

function faultsOf({ label, id, told }: ReportedRun, several: boolean): Markup {
  const caption = several ? `Faults of the ${label} run` : 'Faults of the run';
  return markup`${several && markup`<h3>${label}</h3>`}
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table class="stacked">
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">fault</th>
            <th scope="col">hit</th>
            <th scope="col">landed</th>
            <th scope="col">healed</th>
            <th scope="col">unfinished</th>
            <th scope="col">evidence</th>
            <th scope="col" class="to-show">in the timeline</th>
          </tr>
        </thead>
        <tbody>
          ${told.faults.map((fault) => {
            const { target, requested, role, landed, landedAt, healedAt, unfinished, evidence } =
              fault;
            const what = `${fault.id} ${fault.fault}`;
            const as = role ?? requested;
            const from = fault.injectedAt ?? landedAt;
            return markup`<tr>
              <th scope="row">${what}</th>
              <td data-label="hit">${target ?? 'nobody'}${as !== target && ` (${as})`}</td>
              <td data-label="landed" class="brief">
                ${landed ? (landedAt === undefined ? 'yes' : formatMoment(landedAt)) : markup`<strong>no</strong>`}
              </td>
              <td data-label="healed" class="brief">
                ${healedAt === undefined ? '–' : formatMoment(healedAt)}
              </td>
              <td data-label="unfinished" class="brief">
                ${unfinished === undefined ? '–' : counted(unfinished, 'job')}
              </td>
              <td data-label="evidence">${evidence}</td>
              <td data-label="in the timeline" class="to-show">
                ${from !== undefined && show(id, from, healedAt ?? from, what)}
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
}
