import { effectsByNode } from '../chronicle.ts';
import { counted, formatCount, formatMs } from '../figures.ts';
import { repeatsOf } from '../repeats.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';
import { stateTag } from './story-section.ts';

const SIGNS = [
  ['kill', 'fault injected'],
  ['takeover', 'takeover, from the fault to the first effect'],
  ['twice', 'another effect of the same job'],
] as const;
const STATES = ['active', 'passive', 'starting', 'draining', 'paused', 'down', 'stopped'];

/** Every node's states and effects over time, all runs on one axis, and the same as tables. */
export function timelineSection(runs: readonly ReportedRun[]): Markup {
  const several = runs.length > 1;
  return markup`<section aria-labelledby="timeline" class="timeline">
    <h2 id="timeline">Nodes over time</h2>
    <p class="note">Each node has a lane: its effects, above the state it was in. Bands are faults in
    force. ${several && 'The runs share one axis, which begins with each run.'}</p>
    <noscript><p>The drawing needs JavaScript; the tables below hold what it shows.</p></noscript>
    <div class="needs-script">
      <ul class="key" aria-label="Key">
        ${STATES.map((state) => markup`<li>${stateTag(state)}</li>`)}
        ${SIGNS.map(([name, meaning]) => markup`<li><svg class="sign" viewBox="0 0 12 12" aria-hidden="true">${sign(name)}</svg>${meaning}</li>`)}
      </ul>
      <div class="controls" role="group" aria-label="Timeline">
        <label for="cursor">Cursor</label>
        <input type="range" id="cursor" min="0" max="1000" value="0" step="any"
          aria-describedby="cursor-keys">
        <output id="moment" for="cursor"></output>
        <button type="button" id="previous">previous event</button>
        <button type="button" id="next">next event</button>
        <button type="button" id="zoom-in" aria-label="zoom in">+</button>
        <button type="button" id="zoom-out" aria-label="zoom out">−</button>
        <button type="button" id="whole">whole run</button>
      </div>
      <p class="note screen-only" id="cursor-keys">Drag over the lanes to zoom. With the cursor in focus: arrows move it,
      <kbd>N</kbd> and <kbd>P</kbd> go to the next and the previous event, <kbd>+</kbd> and <kbd>−</kbd> zoom, <kbd>0</kbd>
      shows the whole run.</p>
      <p class="values" id="values" aria-live="polite"></p>
      ${runs.map(
        ({ id, label }, index) => markup`<figure aria-labelledby="${id}-caption">
          <figcaption id="${id}-caption">${several ? label : 'Effects and states by node'}</figcaption>
          <div class="chart" data-index="${index}"></div>
        </figure>`,
      )}
      <p class="note" id="scale"></p>
    </div>
    ${runs.map((run) => tables(run, several))}
  </section>`;
}

/** The signs of the drawing, for its key. */
function sign(name: (typeof SIGNS)[number][0]): Markup {
  switch (name) {
    case 'kill':
      return markup`<path class="stroke" d="M2 2L10 10M10 2L2 10"/>`;
    case 'takeover':
      return markup`<path class="fill" d="M1 5h5V1.5L11 6L6 10.5V7H1z"/>`;
    case 'twice':
      return markup`<path class="twice" d="M6 1L11 6L6 11L1 6z"/>`;
  }
}

const MOST_ROWS = 400;
const SLICES = 20;
const NICE_SLICES_MS = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000];

function tables(run: ReportedRun, several: boolean): Markup {
  const of = several ? ` of the ${run.label} run` : '';
  return markup`<details>
    <summary>Events${of} as a table</summary>
    ${eventTable(run, of)}
  </details>
  <details>
    <summary>Effects by node${of} as a table</summary>
    ${effectTable(run, of)}
  </details>`;
}

interface Event {
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

function eventTable(run: ReportedRun, of: string): Markup {
  const events = eventsOf(run);
  const rows = events.slice(0, MOST_ROWS);
  const more = events.length - rows.length;
  return markup`<div class="scroll" role="region" aria-label="Events${of}" tabindex="0"><table>
    <caption>Changes of state, faults, takeovers and repeated effects${of}${
      more > 0 && `; the first ${MOST_ROWS} of ${formatCount(events.length)}`
    }</caption>
    <thead><tr><th scope="col">ms</th><th scope="col">who</th><th scope="col">what</th></tr></thead>
    <tbody>${rows.map(({ at, who, what }) => markup`<tr><td class="number">${at.toFixed(1)}</td><td>${who}</td><td>${what}</td></tr>`)}</tbody>
  </table></div>`;
}

function eventsOf({ chronicle, told }: ReportedRun): Event[] {
  const states = chronicle.states.map(({ at, node, state, epoch }) => ({
    ...{ at, who: node },
    what: epoch === undefined ? state : `${state} (epoch ${epoch})`,
  }));
  const faults = chronicle.faults.flatMap(({ id, fault, target, injectedAt, healedAt }) => [
    { at: injectedAt, who: target, what: `fault ${id}: ${fault} is injected` },
    ...(healedAt === undefined
      ? []
      : [{ at: healedAt, who: target, what: `fault ${id}: ${fault} is healed` }]),
  ]);
  const takeovers = told.takeovers.map(({ at, from, to, ms }) => ({
    ...{ at, who: to, what: `first effect after taking over from ${from}, in ${formatMs(ms)}` },
  }));
  const twice = repeatsOf(chronicle).twice.flatMap(({ job, effects }) =>
    effects.slice(1).map(({ at, node }) => ({ at, who: node, what: `${job} takes effect again` })),
  );
  return [...states, ...faults, ...takeovers, ...twice].sort((a, b) => a.at - b.at);
}

function effectTable({ chronicle, data }: ReportedRun, of: string): Markup {
  const first = Math.min(chronicle.firstJobAt, chronicle.effects[0]?.at ?? 0);
  const last = chronicle.effects.at(-1)?.at ?? first;
  const needed = (last - first) / SLICES;
  const width = NICE_SLICES_MS.find((ms) => ms >= needed) ?? needed;
  const from = Math.floor(first / width);
  const slices = Array.from({ length: Math.floor(last / width) - from + 1 }, (_, n) => {
    const fromMs = (from + n) * width;
    return { fromMs, effects: effectsByNode(chronicle, fromMs, fromMs + width) };
  });
  return markup`<div class="scroll" role="region" aria-label="Effects by node${of}" tabindex="0"><table>
    <caption>${counted(chronicle.effects.length, 'effect')}${of} by node, in slices of ${formatMs(width)}</caption>
    <thead><tr><th scope="col">from</th>${data.nodes.map((node) => markup`<th scope="col">${node}</th>`)}</tr></thead>
    <tbody>${slices.map(
      ({ fromMs, effects }) =>
        markup`<tr><th scope="row">${formatMs(Math.round(fromMs))}</th>${data.nodes.map(
          (node) => markup`<td class="number">${formatCount(effects.get(node) ?? 0)}</td>`,
        )}</tr>`,
    )}</tbody>
  </table></div>`;
}
