import type { RunData } from '../run-data.ts';
import { setUpCopying } from './copying.ts';
import { setUpLookup } from './lookup.ts';
import { viewOf } from './run-view.ts';
import { setUpTheme } from './theme.ts';
import { Timeline } from './timeline.ts';

const embedded = document.getElementById('data')?.textContent ?? '[]';
const runs = (JSON.parse(embedded) as RunData[]).map(viewOf);

document.documentElement.classList.add('scripted');
const timeline = new Timeline(runs);
// The charts take their colours from it, so it draws them again.
setUpTheme(() => timeline.draw());
setUpLookup(runs, timeline);
setUpCopying();

document.addEventListener('click', ({ target }) => {
  const asked = target instanceof Element ? target.closest<HTMLElement>('button.show') : null;
  if (!asked) return;
  const { from, until } = asked.dataset;
  timeline.goTo({ from: Number(from), until: Number(until) });
  document.querySelector('#timeline')?.scrollIntoView();
});
