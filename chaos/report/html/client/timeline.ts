import { Chart, type Shared } from './chart.ts';
import { paletteOf } from './palette.ts';
import type { Event, RunView } from './run-view.ts';
import { mostIn, sliceMs, type Stretch } from './slices.ts';
import { count, moment, span, visible } from './words.ts';

const LEAST_STRETCH_MS = 1;
const ZOOM = 2;
const STEPS = 200;
const COARSE = 10;
const PRINT_WIDTH_PX = 680;
/** Until the charts know theirs. */
const FIRST_WIDTH_PX = 600;

/** The charts of all runs, on one axis and with one cursor, and what moves the cursor. */
export class Timeline {
  readonly #runs: readonly RunView[];
  readonly #charts: readonly Chart[];
  readonly #events: readonly Event[];
  readonly #whole: Stretch;
  #stretch: Stretch;
  #atMs: number;
  #pending = false;
  #theme: string | undefined;

  constructor(runs: readonly RunView[]) {
    this.#runs = runs;
    this.#events = runs
      .flatMap(({ events, label }) =>
        events.map(({ at, text }) => ({ at, text: runs.length > 1 ? `${label}: ${text}` : text })),
      )
      .sort((a, b) => a.at - b.at);
    this.#whole = { from: 0, until: Math.max(1, ...runs.map(({ endAt }) => endAt)) };
    this.#stretch = this.#whole;
    this.#atMs = firstOfInterest(runs);
    const shared = this.#shared(FIRST_WIDTH_PX);
    this.#charts = runs.map((run, index) => {
      const place = element(`.chart[data-index="${index}"]`);
      return new Chart(place, run, shared, this.#stretch, {
        onPoint: (atMs) => this.#pointed(atMs),
        onStretch: (stretch) => this.look(stretch),
      });
    });
    this.#listen();
    this.look(this.#whole);
  }

  /** Shows a stretch of time in all charts. */
  look({ from, until }: Stretch): void {
    const wide = Math.max(LEAST_STRETCH_MS, until - from);
    const most = this.#whole.until - this.#whole.from;
    const begin = Math.min(Math.max(this.#whole.from, from), Math.max(0, this.#whole.until - wide));
    this.#stretch = wide >= most ? this.#whole : { from: begin, until: begin + wide };
    this.#atMs = Math.min(Math.max(this.#atMs, this.#stretch.from), this.#stretch.until);
    this.draw();
  }

  /** Goes to a moment or a stretch of interest, with something around it. */
  goTo({ from, until }: Stretch, announce = true): void {
    const around = Math.max((until - from) * 0.6, 60);
    this.#atMs = until;
    this.look({ from: from - around, until: until + around });
    if (announce) this.#announce(until);
  }

  /** Draws everything anew: after a change of width, theme or stretch. */
  draw(width?: number): void {
    for (const chart of this.#charts) chart.resize(width);
    const shared = this.#shared(this.#charts[0]?.width ?? 0);
    for (const chart of this.#charts) chart.show(this.#stretch, shared);
    const { slice, most } = shared;
    element('#scale').textContent =
      `A bar is ${span(slice)} wide; one of full height is ${count((most * 1000) / slice)} effects a second${most < 4 ? ` (${count(most)} in the slice)` : ''}. In sight: ${moment(this.#stretch.from)} to ${moment(this.#stretch.until)}.`;
    this.#point();
  }

  #shared(width: number): Shared {
    const slice = sliceMs(this.#stretch, width);
    return {
      slice,
      most: mostIn(this.#runs, this.#stretch, slice),
      palette: paletteOf(document.documentElement),
    };
  }

  /** The pointer moves often; once a frame is enough. */
  #pointed(atMs: number): void {
    this.#atMs = atMs;
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      this.#point();
    });
  }

  #point(): void {
    for (const chart of this.#charts) chart.point(this.#atMs);
    const { from, until } = this.#stretch;
    const cursor = input('#cursor');
    cursor.min = String(from);
    cursor.max = String(until);
    cursor.value = String(this.#atMs);
    const digits = until - from < 2000 ? 4 : 2;
    const at = moment(this.#atMs, digits);
    element('#moment').textContent = at;
    cursor.setAttribute('aria-valuetext', at);
  }

  /** Says what everybody is at the cursor, for those who do not see the lanes. */
  #announce(atMs: number, event?: string): void {
    const values = this.#runs.map((run, index) => {
      const nodes = run.nodes.map(
        (node, each) => `${visible(node)} ${this.#charts[index]?.valuesOf(each, atMs) ?? ''}`,
      );
      return `${this.#runs.length > 1 ? `${run.label}: ` : ''}${nodes.join('; ')}`;
    });
    const what = event === undefined ? '' : `${visible(event)}. `;
    element('#values').textContent = `${moment(atMs, 3)}: ${what}${values.join('. ')}.`;
  }

  #move(atMs: number): void {
    this.#atMs = Math.min(Math.max(atMs, this.#stretch.from), this.#stretch.until);
    this.#point();
    this.#announce(this.#atMs);
  }

  #zoom(factor: number): void {
    const wide = (this.#stretch.until - this.#stretch.from) * factor;
    const share = (this.#atMs - this.#stretch.from) / (this.#stretch.until - this.#stretch.from);
    const from = this.#atMs - share * wide;
    this.look({ from, until: from + wide });
  }

  #step(direction: 1 | -1): void {
    const event =
      direction > 0
        ? this.#events.find(({ at }) => at > this.#atMs + 0.05)
        : this.#events.findLast(({ at }) => at < this.#atMs - 0.05);
    if (!event) return;
    this.#atMs = event.at;
    const { from, until } = this.#stretch;
    if (event.at < from || event.at > until) {
      const half = (until - from) / 2;
      this.look({ from: event.at - half, until: event.at + half });
    }
    this.#point();
    this.#announce(event.at, event.text);
  }

  #listen(): void {
    const cursor = input('#cursor');
    cursor.addEventListener('input', () => this.#move(Number(cursor.value)));
    cursor.addEventListener('keydown', (event) => this.#key(event));
    const on = (id: string, act: () => void): void => element(id).addEventListener('click', act);
    on('#next', () => this.#step(1));
    on('#previous', () => this.#step(-1));
    on('#zoom-in', () => this.#zoom(1 / ZOOM));
    on('#zoom-out', () => this.#zoom(ZOOM));
    on('#whole', () => this.look(this.#whole));
    for (const place of document.querySelectorAll('.chart')) {
      // Without a pointer over the lanes the cursor stays where it was.
      place.addEventListener('pointerleave', () => requestAnimationFrame(() => this.#point()));
    }
    window.addEventListener('resize', () => this.draw());
    window.addEventListener('beforeprint', () => this.#print(true));
    window.addEventListener('afterprint', () => this.#print(false));
  }

  /** Paper is white, and narrower than a screen. */
  #print(printing: boolean): void {
    const page = document.documentElement;
    if (printing) this.#theme = page.dataset.theme;
    page.dataset.theme = printing ? 'light' : (this.#theme ?? 'light');
    this.draw(printing ? PRINT_WIDTH_PX : undefined);
  }

  #key(event: KeyboardEvent): void {
    const step = (this.#stretch.until - this.#stretch.from) / STEPS;
    const act: Readonly<Record<string, () => void>> = {
      ArrowRight: () => this.#move(this.#atMs + step * (event.shiftKey ? COARSE : 1)),
      ArrowLeft: () => this.#move(this.#atMs - step * (event.shiftKey ? COARSE : 1)),
      n: () => this.#step(1),
      p: () => this.#step(-1),
      '+': () => this.#zoom(1 / ZOOM),
      '=': () => this.#zoom(1 / ZOOM),
      '-': () => this.#zoom(ZOOM),
      '0': () => this.look(this.#whole),
    };
    const chosen = act[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!chosen || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    chosen();
  }
}

/** Where the cursor is at first: the first takeover, else the first fault, else the first event. */
function firstOfInterest(runs: readonly RunView[]): number {
  const [takeover] = runs.flatMap(({ takeovers }) => takeovers);
  const [fault] = runs.flatMap(({ faults }) => faults);
  return takeover?.at ?? fault?.from ?? runs[0]?.events[0]?.at ?? 0;
}

/** An element of the page, which has it. */
function element(selector: string): HTMLElement {
  return document.querySelector(selector) as HTMLElement;
}

function input(selector: string): HTMLInputElement {
  return element(selector) as HTMLInputElement;
}
