/** How a lane is laid out, in CSS pixels from its top: a line for words, its effects, its state. */
export const LANE = { words: 20, bars: 30, strip: 18, gap: 10 } as const;

/** Above the lanes: two lines for the names of faults. */
const HEAD = 30;

/** Below the lanes: the axis. */
export const AXIS = 30;

/** The height of one lane with its gap. */
const LANE_HEIGHT = LANE.words + LANE.bars + LANE.strip + LANE.gap;

/** Where the lane of a node begins, from the top of the plot. */
export function laneTop(node: number): number {
  return HEAD + node * LANE_HEIGHT;
}

/** The height of a plot of that many lanes, without its axis. */
export function plotHeight(nodes: number): number {
  return HEAD + nodes * LANE_HEIGHT;
}
