import { type Answer, answerOf, answersOf } from '../answers.ts';
import { NOT_OBSERVED } from '../story-cast.ts';
import { type Story, tellPart, tellStory } from '../story.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedRun } from './reported-run.ts';

/** The table, the tracker and the answers, as far as these runs tell them. */
export function storySection(runs: readonly ReportedRun[]): Markup | false {
  const of = (mode: string): ReportedRun | undefined => runs.find(({ told }) => told.mode === mode);
  const [passive, active, control] = ['active-passive', 'active-active', 'uncoordinated'].map(of);
  const [only] = runs;
  if (runs.length === 3 && passive && active && control) {
    const story = tellStory(passive.chronicle, active.chronicle);
    const three = {
      ...{ passive: passive.chronicle, active: active.chronicle },
      uncoordinated: control.chronicle,
    };
    const source = 'Steps 1 and 2 are of the active-passive run, 3 to 5 of the active-active one.';
    return told(story, answersOf(three, story.cast), source);
  }
  if (runs.length !== 1 || !only) return false;
  const story = tellPart(only.chronicle);
  const answer = answerOf(only.chronicle, tellStory(only.chronicle, only.chronicle).cast);
  return told(story, [answer], 'The steps that a run of this mode can show.');
}

function told(story: Story | undefined, answers: readonly Answer[], source: string): Markup {
  return markup`<section aria-labelledby="story">
    <h2 id="story">What happened, step by step</h2>
    ${
      story &&
      markup`<p class="note">Read from the history alone. ${source}</p>
      ${steps(story)}
      <h3>Status tracker</h3>
      ${tracker(story)}`
    }
    ${answers.map(
      ({ question, answer }) =>
        markup`<div class="answer"><h3>${question}</h3><p>${answer}</p></div>`,
    )}
  </section>`;
}

function steps({ cast, steps: rows }: Story): Markup {
  const headers = ['step', cast.lead, cast.understudy, 'condition', 'action', 'output'];
  return table(
    'What the two nodes were in each step, and what came of it',
    headers,
    rows.map((row) => [
      String(row.step),
      ...[row.lead, row.understudy, row.condition, row.action, row.output],
    ]),
    [1, 2],
  );
}

function tracker({ cast, tracker: rows }: Story): Markup {
  return table(
    'What the two nodes were at each moment, and who processed',
    ['moment', cast.lead, cast.understudy, 'processing'],
    rows.map((row) => [row.moment, row.lead, row.understudy, row.processing]),
    [1, 2],
  );
}

/** A table whose first column heads its rows; `states` are columns that hold the state of a node. */
function table(
  caption: string,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  states: readonly number[],
): Markup {
  return markup`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="stacked">
    <caption>${caption}</caption>
    <thead><tr>${headers.map((header) => markup`<th scope="col">${header}</th>`)}</tr></thead>
    <tbody>${rows.map(
      ([first = '', ...rest]) => markup`<tr>
      <th scope="row">${first}</th>
      ${rest.map(
        (text, index) =>
          markup`<td data-label="${headers[index + 1] ?? ''}">${
            states.includes(index + 1)
              ? stateTag(text)
              : text === NOT_OBSERVED
                ? markup`<span class="faint">${text}</span>`
                : text
          }</td>`,
      )}
    </tr>`,
    )}</tbody>
  </table></div>`;
}

const STATES = new Set(['active', 'passive', 'starting', 'draining', 'paused', 'down', 'stopped']);

/** The state of a node, with the look that it has in the timeline. */
export function stateTag(text: string): Markup {
  if (text === NOT_OBSERVED) return markup`<span class="faint">${text}</span>`;
  return STATES.has(text)
    ? markup`<span class="state state-${text}">${text}</span>`
    : markup`${text}`;
}
