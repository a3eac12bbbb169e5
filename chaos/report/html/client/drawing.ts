import { LANE, laneTop } from './lanes.ts';
import type { Palette } from './palette.ts';
import { countBelow, type RunView } from './run-view.ts';
import { effectsIn, type Stretch } from './slices.ts';

/** A canvas as a lane is drawn on it: CSS pixels, with the plot's left top corner as the origin. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Where a moment stands, from the left of the plot. */
  readonly x: (atMs: number) => number;
  readonly stretch: Stretch;
  readonly palette: Palette;
  /** How long a slice of effects is, and how many effects fill the height of a bar. */
  readonly slice: number;
  readonly most: number;
}

const FONT = '11px system-ui, sans-serif';
const TEXT_PAD = 5;
/** With fewer of them in sight than this for each pixel, every effect has its own line. */
const SINGLE_SHARE = 0.25;
const LABEL_LINE = 14;

/** What lies behind the lanes: the faults in force, from the head to the axis. */
export function drawFaults(run: RunView, sheet: Sheet): void {
  const { context, x, height, palette } = sheet;
  const taken = [-Infinity, -Infinity];
  writing(context);
  for (const { id, fault, target, from, until } of run.faults) {
    const left = x(from);
    const right = Math.max(left + 1.5, x(until));
    if (right < 0 || left > sheet.width) continue;
    context.fillStyle = palette.fault;
    context.fillRect(left, 0, right - left, height);
    context.fillStyle = palette.faultInk;
    context.fillRect(left, 0, 1, height);
    const texts = [`${id} ${fault} ${target}`, id];
    const line = taken.findIndex((end) => end < left);
    const text = texts.find(
      (each) => line >= 0 && left + context.measureText(each).width + TEXT_PAD < sheet.width,
    );
    if (line < 0 || text === undefined) continue;
    taken[line] = left + context.measureText(text).width + 2 * TEXT_PAD;
    context.fillText(text, Math.max(left, 0) + TEXT_PAD, LABEL_LINE * (line + 0.5));
  }
}

/** The effects, the states and the marks of each node. */
export function drawLanes(run: RunView, sheet: Sheet): void {
  run.nodes.forEach((_, node) => {
    drawEffects(run.effectsOf[node] ?? new Float64Array(), laneTop(node) + LANE.words, sheet);
    drawStates(run, node, laneTop(node) + LANE.words + LANE.bars, sheet);
  });
  drawTakeovers(run, sheet);
  drawRepeats(run, sheet);
  drawStrikes(run, sheet);
}

function drawEffects(times: Float64Array, top: number, sheet: Sheet): void {
  const { context, x, stretch, slice, most, palette, width } = sheet;
  const base = top + LANE.bars;
  context.fillStyle = palette.line;
  context.fillRect(0, base - 0.5, width, 0.5);
  context.fillStyle = palette.bars;
  const first = countBelow(times, stretch.from);
  const last = countBelow(times, stretch.until);
  if (last - first < width * SINGLE_SHARE && slice * 2 < stretch.until - stretch.from && most < 4) {
    for (let index = first; index < last; index += 1) {
      context.fillRect(x(times[index] ?? 0) - 0.6, top + LANE.bars / 3, 1.2, (LANE.bars * 2) / 3);
    }
    return;
  }
  const begin = Math.floor(stretch.from / slice);
  effectsIn(times, stretch, slice).forEach((effects, offset) => {
    if (effects === 0) return;
    const left = x((begin + offset) * slice);
    const right = x((begin + offset + 1) * slice);
    const high = (effects / most) * LANE.bars;
    context.fillRect(left, base - high, Math.max(1, right - left - 0.7), high);
  });
}

function drawStates(run: RunView, node: number, top: number, sheet: Sheet): void {
  const { context, x, palette, stretch } = sheet;
  const states = run.statesOf[node] ?? [];
  writing(context);
  states.forEach(({ at, state, epoch }, index) => {
    const until = states[index + 1]?.at ?? run.endAt;
    if (until < stretch.from || at > stretch.until) return;
    const look = palette.states.get(state);
    const left = Math.max(-1, x(at));
    const right = Math.min(sheet.width + 1, x(until));
    const wide = Math.max(1, right - left);
    context.fillStyle = look?.fill ?? palette.line;
    context.fillRect(left, top, wide, LANE.strip - 2);
    if (state === 'down' || state === 'paused') hatch(sheet, left, top, wide, LANE.strip - 2);
    const name = epoch >= 0 && state === 'active' ? `${state} · epoch ${epoch}` : state;
    const text = [name, state].find((each) => context.measureText(each).width + 10 < wide);
    if (text === undefined) return;
    context.fillStyle = look?.ink ?? palette.ink;
    context.fillText(text, left + TEXT_PAD, top + LANE.strip / 2 - 0.5);
  });
}

/** What the axis left behind is not what is written here. */
function writing(context: CanvasRenderingContext2D): void {
  context.font = FONT;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
}

/** Strokes across a state that is a fault's doing, so that it is known without its colour. */
function hatch(
  { context, palette }: Sheet,
  left: number,
  top: number,
  wide: number,
  high: number,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, wide, high);
  context.clip();
  context.strokeStyle = palette.paper;
  context.globalAlpha = 0.28;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = left - high; at < left + wide; at += 7) {
    context.moveTo(at, top + high);
    context.lineTo(at + high, top);
  }
  context.stroke();
  context.restore();
}

function drawTakeovers(run: RunView, { context, x, palette }: Sheet): void {
  for (const { to, began, at, late } of run.takeovers) {
    const y = laneTop(to) + LANE.words + LANE.bars - 7;
    const [left, right] = [x(began), x(at)];
    context.strokeStyle = context.fillStyle = late ? palette.bad : palette.takeover;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.stroke();
    context.beginPath();
    context.moveTo(right + 7, y);
    context.lineTo(right - 1, y - 5.5);
    context.lineTo(right - 1, y + 5.5);
    context.fill();
  }
}

/** A cross where a fault struck a node; those on Redis servers have their bands. */
function drawStrikes(run: RunView, { context, x, palette }: Sheet): void {
  context.strokeStyle = palette.bad;
  context.lineWidth = 2.2;
  for (const { node, from } of run.faults) {
    if (node < 0) continue;
    const y = laneTop(node) + LANE.words + 7;
    const at = x(from);
    context.beginPath();
    context.moveTo(at - 5, y - 5);
    context.lineTo(at + 5, y + 5);
    context.moveTo(at + 5, y - 5);
    context.lineTo(at - 5, y + 5);
    context.stroke();
  }
}

const REPEAT_PX = 5;

/** A diamond where a job took effect again; those that lie within a few pixels are one. */
function drawRepeats(run: RunView, { context, x, palette }: Sheet): void {
  run.repeatsOf.forEach((times, node) => {
    const y = laneTop(node) + LANE.words + 5;
    let last = -Infinity;
    for (const time of times) {
      const at = x(time);
      if (at - last < REPEAT_PX) continue;
      last = at;
      context.beginPath();
      context.moveTo(at, y - 5);
      context.lineTo(at + 5, y);
      context.lineTo(at, y + 5);
      context.lineTo(at - 5, y);
      context.closePath();
      context.fillStyle = palette.twice;
      context.fill();
      context.strokeStyle = palette.paper;
      context.lineWidth = 1;
      context.stroke();
    }
  });
}
