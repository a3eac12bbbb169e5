import { formatCount } from '../figures.ts';
import { modeLabel } from '../outcome.ts';
import type { Explanation } from '../result.ts';
import { jobButton } from './checker-section.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';

type Message = Explanation['sequence'][number];

/** The first violation of each kind that refuted a run, as messages between those concerned. */
export function violationSection(runs: readonly ReportedRun[]): Markup | false {
  const refuted = runs.filter(({ told }) => (told.explanations ?? []).length > 0);
  if (refuted.length === 0) return false;
  return markup`<section aria-labelledby="violations">
    <h2 id="violations">${runs.length > 1 ? 'How it was refuted' : 'What refutes it'}</h2>
    ${refuted.map((run) => violationsOf(run, runs.length > 1))}
  </section>`;
}

function violationsOf({ told, id }: ReportedRun, several: boolean): Markup {
  const due = told.mode === 'uncoordinated' ? ', which must be refuted' : '';
  return markup`${several && markup`<p class="note">The ${modeLabel(told.mode)} run${due}.</p>`}
  ${(told.explanations ?? []).map((explanation, index) =>
    violation(explanation, `${id}-violation-${index + 1}`, told.nodes),
  )}`;
}

function violation(explanation: Explanation, id: string, nodes: readonly string[]): Markup {
  const { checker, kind, total, detail, fleet, job, sequence } = explanation;
  const which = total === 1 ? 'the only' : `the first of ${formatCount(total)}`;
  return markup`<article class="violation" aria-labelledby="${id}">
    <h3 id="${id}">${kind}, ${which} <span class="faint">(${checker})</span></h3>
    <p>${detail} ${job !== undefined && jobButton(job)}</p>
    ${
      fleet
        ? markup`<p class="note">As the sequence begins: ${fleet.nodes.join('; ')}. ${
            fleet.faults.length > 0 && `In force: ${fleet.faults.join('; ')}.`
          }</p>`
        : markup`<p class="note">The run begins with it.</p>`
    }
    ${diagram(sequence, lifelinesOf(sequence, nodes), id)}
  </article>`;
}

/** Who takes part, from the producer through the queue and the nodes to the ledger; others after. */
function lifelinesOf(sequence: readonly Message[], nodes: readonly string[]): string[] {
  const seen = new Set(sequence.flatMap(endsOf));
  const producers = [...seen].filter((name) => name.startsWith('producer'));
  const order = [...producers, 'queue', ...nodes, 'ledger'];
  const others = [...seen].filter((name) => !order.includes(name));
  return [...order.filter((name) => seen.has(name)), ...others];
}

/** The lifelines that a message touches; a result of an earlier version says only who spoke. */
function endsOf({ who, from, to }: Message): string[] {
  if (who === '…') return [];
  return from === undefined || to === undefined ? [who] : [from, to];
}

/** Lifelines from top to bottom, and a row a message: its moment, its arrow and its words. */
function diagram(sequence: readonly Message[], lifelines: readonly string[], id: string): Markup {
  return markup`<div class="sequence" style="--lifelines:${lifelines.length}">
    <div class="lifelines" aria-hidden="true"><span class="time">ms</span><span class="lanes">${lifelines.map(
      (name, index) => markup`<span class="name" style="--at:${index}">${name}</span>`,
    )}</span><span class="what"></span></div>
    <ol aria-labelledby="${id}">${sequence.map((message) => row(message, lifelines))}</ol>
  </div>`;
}

function row(message: Message, lifelines: readonly string[]): Markup {
  const { at, who, what, own } = message;
  if (who === '…') return markup`<li class="gap-row"><span class="what">${what}</span></li>`;
  const [from = who, to = from] = endsOf(message);
  const between = from === to ? from : `${from} to ${to}`;
  return markup`<li class="${own ? 'own' : 'around'}">
    <span class="time">${milliseconds(at)}<span class="unseen"> ms</span></span>
    <span class="lanes" aria-hidden="true">${lifelines.map(
      (_, index) => markup`<i style="--at:${index}"></i>`,
    )}${arrow(lifelines.indexOf(from), lifelines.indexOf(to))}</span>
    <span class="what"><span class="unseen">${between}: </span>${what}</span>
  </li>`;
}

function arrow(from: number, to: number): Markup {
  if (from === to) return markup`<b class="dot" style="--at:${from}"></b>`;
  const direction = to > from ? 'right' : 'left';
  const start = Math.min(from, to);
  return markup`<b class="arrow ${direction}" style="--at:${start};--over:${Math.abs(to - from)}"></b>`;
}

/** To the tenth: what is told here lies close together. */
function milliseconds(at: number): string {
  const [whole = '', tenth = '0'] = at.toFixed(1).split('.');
  return `${formatCount(Number(whole))}.${tenth}`;
}
