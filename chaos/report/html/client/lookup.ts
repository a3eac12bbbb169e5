import { type FoundJob, JobSearch } from './job-search.ts';
import type { RunView } from './run-view.ts';
import type { Timeline } from './timeline.ts';
import { visible } from './words.ts';

const MOST_MATCHES = 12;

/** Sets the section up in which one job is looked up. */
export function setUpLookup(runs: readonly RunView[], timeline: Timeline): void {
  const searches = runs.map((run) => ({ run, search: new JobSearch(run) }));
  const field = document.querySelector<HTMLInputElement>('#job');
  const form = document.querySelector<HTMLFormElement>('#find');
  const list = document.querySelector<HTMLElement>('#matches');
  const place = document.querySelector<HTMLElement>('#found');
  if (!field || !form || !list || !place) return;

  const matches = (): string[] => {
    const text = field.value.trim();
    if (text === '') return [];
    const all = searches.flatMap(({ search }) => search.matching(text, MOST_MATCHES));
    return [...new Set(all)].slice(0, MOST_MATCHES);
  };
  const suggest = (): void => {
    list.replaceChildren(
      ...matches().map((job) => {
        const item = document.createElement('li');
        item.append(button(job, () => look(job)));
        return item;
      }),
    );
  };
  const look = (job: string): void => {
    field.value = job;
    list.replaceChildren();
    place.replaceChildren(...searches.map(({ run, search }) => told(run, search.find(job), job)));
  };
  const told = (run: RunView, found: FoundJob | undefined, job: string): HTMLElement =>
    card(run, found, job, runs.length > 1, timeline);

  field.addEventListener('input', suggest);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    const [first] = matches();
    if (text !== '') look(first ?? text);
  });
  document.addEventListener('click', ({ target }) => {
    const asked = target instanceof Element ? target.closest<HTMLElement>('button.job') : null;
    if (asked?.dataset.job === undefined) return;
    look(asked.dataset.job);
    place.closest('section')?.scrollIntoView();
    field.focus({ preventScroll: true });
  });
}

/** What one run tells of a job. */
function card(
  run: RunView,
  found: FoundJob | undefined,
  job: string,
  several: boolean,
  timeline: Timeline,
): HTMLElement {
  const article = document.createElement('article');
  article.className = 'job-card';
  const heading = document.createElement('h3');
  heading.textContent = several ? `${visible(job)} · ${run.label}` : visible(job);
  article.append(heading);
  if (!found) {
    article.append(paragraph('No job of this id is in the history of this run.'));
    return article;
  }
  article.append(paragraph(summary(found)));
  const table = document.createElement('table');
  const caption = table.createCaption();
  caption.textContent = `Everything the history tells of ${visible(job)}`;
  const head = table.createTHead().insertRow();
  for (const name of ['ms', 'who', 'what']) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { at, who, what, effect } of found.events) {
    const row = body.insertRow();
    if (effect) row.className = 'own';
    const time = row.insertCell();
    time.className = 'number';
    time.textContent = at.toFixed(1);
    row.insertCell().textContent = visible(who);
    row.insertCell().textContent = visible(what);
  }
  article.append(table);
  const [first, last] = [found.events[0], found.events.at(-1)];
  if (first && last) {
    const show = button('show in the timeline', () => {
      timeline.goTo({ from: first.at, until: last.at });
      document.querySelector('#timeline')?.scrollIntoView();
    });
    article.append(show);
  }
  return article;
}

function summary({ attempts, effects }: FoundJob): string {
  const times =
    effects === 1 ? 'exactly one effect' : effects === 0 ? 'no effect' : `${effects} effects`;
  return `${times}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}

function paragraph(text: string): HTMLElement {
  const made = document.createElement('p');
  made.textContent = text;
  return made;
}

function button(text: string, act: () => void): HTMLElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = visible(text);
  made.addEventListener('click', act);
  return made;
}
