import { countBelow, type RunView } from './run-view.ts';

/** A stretch of time, in ms since the runs began. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

const STEPS = [1, 2, 5];
const BAR_PX = 6;

/** How long a slice is, so that a bar of it is wide enough to be seen: 1, 2 or 5 times a power of ten. */
export function sliceMs({ from, until }: Stretch, widthPx: number): number {
  const least = ((until - from) / Math.max(1, widthPx)) * BAR_PX;
  for (let power = 10 ** Math.floor(Math.log10(Math.max(least, 0.01))); ; power *= 10) {
    const step = STEPS.find((each) => each * power >= least);
    if (step !== undefined) return step * power;
  }
}

/** How many effects one node had in each slice that begins in the stretch, and one before. */
export function effectsIn(times: Float64Array, { from, until }: Stretch, slice: number): number[] {
  const first = Math.floor(from / slice);
  const last = Math.floor(until / slice);
  const counts: number[] = [];
  let before = countBelow(times, first * slice);
  for (let index = first; index <= last; index += 1) {
    const below = countBelow(times, (index + 1) * slice);
    counts.push(below - before);
    before = below;
  }
  return counts;
}

/** The most effects that any node of any run has in one slice; at least one. */
export function mostIn(runs: readonly RunView[], stretch: Stretch, slice: number): number {
  let most = 1;
  for (const { effectsOf } of runs) {
    for (const times of effectsOf) {
      for (const count of effectsIn(times, stretch, slice)) most = Math.max(most, count);
    }
  }
  return most;
}
