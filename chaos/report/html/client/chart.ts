import uPlot from 'uplot';
import { drawFaults, drawLanes, type Sheet } from './drawing.ts';
import { AXIS, LANE, laneTop, plotHeight } from './lanes.ts';
import type { Palette } from './palette.ts';
import { countBelow, type RunView, stateAt } from './run-view.ts';
import type { Stretch } from './slices.ts';
import { count, visible } from './words.ts';

/** What all charts of the page have in common. */
export interface Shared {
  readonly palette: Palette;
  readonly slice: number;
  readonly most: number;
}

/** What a chart tells of the pointer. */
export interface ChartEvents {
  /** The pointer is at this moment. */
  onPoint(atMs: number): void;
  /** A stretch was chosen by dragging. */
  onStretch(stretch: Stretch): void;
}

const LEAST_DRAG_PX = 8;
/** Room for half of the first and of the last word of the axis. */
const SIDE_PX = 22;
/** Over how long the rate at the cursor is taken, at least. */
const RATE_MS = 200;

/** The lanes of one run. */
export class Chart {
  readonly #run: RunView;
  readonly #plot: uPlot;
  readonly #words: HTMLElement[];
  #shared: Shared;

  constructor(
    place: HTMLElement,
    run: RunView,
    shared: Shared,
    stretch: Stretch,
    events: ChartEvents,
  ) {
    this.#run = run;
    this.#shared = shared;
    this.#plot = new uPlot(
      this.#options(stretch, events),
      [
        [0, run.endAt],
        [null, null],
      ],
      place,
    );
    place.style.width = '100%';
    this.#plot.root.setAttribute('aria-hidden', 'true');
    this.#words = run.nodes.map((node, index) => this.#wordsOf(node, index));
    this.resize();
  }

  /** The width of the plot, in CSS pixels. */
  get width(): number {
    return this.#plot.width - 2 * SIDE_PX;
  }

  /** Draws again, with the stretch that is in sight. */
  show(stretch: Stretch, shared: Shared): void {
    this.#shared = shared;
    const { from: min, until: max } = stretch;
    // At once: the cursor is put in its place right after.
    this.#plot.batch(() => this.#plot.setScale('x', { min, max }));
  }

  /** Fits the width that there is; `width` is for a page that is printed. */
  resize(width = this.#plot.root.parentElement?.clientWidth ?? 0): void {
    const height = plotHeight(this.#run.nodes.length) + AXIS;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height });
  }

  /** Puts the cursor at a moment, and the values of that moment into the lanes. */
  point(atMs: number): void {
    const left = this.#plot.valToPos(atMs, 'x');
    this.#plot.setCursor({ left, top: 0 }, false);
    this.#run.nodes.forEach((_, node) => {
      const values = this.#words[node]?.lastElementChild;
      if (values) values.textContent = this.valuesOf(node, atMs);
    });
  }

  /** What a node is at a moment, and does around it. */
  valuesOf(node: number, atMs: number): string {
    const slice = Math.max(this.#shared.slice, RATE_MS);
    const times = this.#run.effectsOf[node] ?? new Float64Array();
    const state = stateAt(this.#run, node, atMs);
    const begin = Math.floor(atMs / slice) * slice;
    const rate = ((countBelow(times, begin + slice) - countBelow(times, begin)) * 1000) / slice;
    return [
      state?.state ?? 'unknown',
      ...(state && state.epoch >= 0 ? [`epoch ${state.epoch}`] : []),
      `${count(rate)} effects/s`,
      `${count(countBelow(times, atMs))} so far`,
    ].join(' · ');
  }

  #options({ from, until }: Stretch, events: ChartEvents): uPlot.Options {
    return {
      width: 600,
      height: plotHeight(this.#run.nodes.length) + AXIS,
      padding: [0, SIDE_PX, 0, SIDE_PX],
      legend: { show: false },
      scales: { x: { time: false, min: from, max: until }, y: { range: [0, 1] } },
      series: [{}, { show: false }],
      axes: [
        {
          size: AXIS,
          stroke: () => this.#shared.palette.faint,
          font: '12px system-ui, sans-serif',
          grid: { stroke: () => this.#shared.palette.line, width: 1 },
          ticks: { show: false },
          values: (_, splits) => axisWords(splits),
        },
        { show: false },
      ],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
      },
      hooks: {
        drawClear: [() => this.#drawn((sheet) => drawFaults(this.#run, sheet))],
        draw: [() => this.#drawn((sheet) => drawLanes(this.#run, sheet))],
        setCursor: [
          (plot) => {
            const { left = -1 } = plot.cursor;
            if (left >= 0) events.onPoint(plot.posToVal(left, 'x'));
          },
        ],
        setSelect: [(plot) => this.#selected(plot, events)],
      },
    };
  }

  #selected(plot: uPlot, events: ChartEvents): void {
    const { left, width } = plot.select;
    if (width >= LEAST_DRAG_PX) {
      events.onStretch({ from: plot.posToVal(left, 'x'), until: plot.posToVal(left + width, 'x') });
    }
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  #drawn(draw: (sheet: Sheet) => void): void {
    const { ctx: context, bbox } = this.#plot;
    const scale = uPlot.pxRatio;
    const { min = 0, max = 1 } = this.#plot.scales.x ?? {};
    const [from, until] = [min ?? 0, max ?? 1];
    const width = bbox.width / scale;
    context.save();
    context.beginPath();
    context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    context.clip();
    context.translate(bbox.left, bbox.top);
    context.scale(scale, scale);
    draw({
      ...this.#shared,
      ...{ context, width, height: bbox.height / scale, stretch: { from, until } },
      x: (atMs) => ((atMs - from) / (until - from)) * width,
    });
    context.restore();
  }

  /** The line of words above a lane: the node, and its values at the cursor. */
  #wordsOf(node: string, index: number): HTMLElement {
    const line = document.createElement('div');
    line.className = 'lane-words';
    line.style.top = `${laneTop(index)}px`;
    line.style.height = `${LANE.words}px`;
    const name = document.createElement('strong');
    name.textContent = visible(node);
    line.append(name, document.createElement('span'));
    this.#plot.over.append(line);
    return line;
  }
}

/** Seconds, with as many digits as the steps of the axis need. */
function axisWords(splits: readonly number[]): string[] {
  const step = (splits[1] ?? 1000) - (splits[0] ?? 0);
  const digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(step / 1000) - 1e-9)));
  return splits.map((split) => `${(split / 1000).toFixed(digits)} s`);
}
