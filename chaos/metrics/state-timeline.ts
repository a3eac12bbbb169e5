import type { Operation } from '@understudy/history';
import { NODE_STATES } from '@understudy/telemetry';

/** A node's state from one moment to another, in ms since the run began. */
export interface StateSpan {
  readonly node: string;
  /** One of the states of a node, or `down`. */
  readonly state: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What was sampled of a node: the value of `understudy_node_state`, at which ms of the run. */
export interface StateSample {
  readonly node: string;
  readonly atMs: number;
  readonly value: number;
}

/** How what was sampled compares with the history. */
export interface TimelineComparison {
  readonly samples: number;
  /** Samples of a state that the node was not in, for people. */
  readonly contradicted: readonly string[];
  /** Spans in which a node was active for long enough to be seen, and was not, for people. */
  readonly unseen: readonly string[];
  /** Who was seen active, from when to when; one after another where one leads. */
  readonly active: readonly StateSpan[];
}

const STEP_MS = 1000;
/**
 * What Prometheus shows of a moment was scraped up to a step before, and the node said so to the lab
 * some ms earlier or later than to itself.
 */
const SLACK_MS = 500;
/** A span that lasts so long has a scrape within it, also on a machine where some come too late. */
const SURELY_SEEN_MS = 5 * STEP_MS;

/** The states of every node as the history has them; `untilMs` ends the last ones. */
export function spansOf(operations: Iterable<Operation>, untilMs: number): readonly StateSpan[] {
  const open = new Map<string, { state: string; fromMs: number }>();
  const spans: StateSpan[] = [];
  const close = (node: string, atMs: number): void => {
    const span = open.get(node);
    if (span) spans.push({ node, ...span, untilMs: atMs });
  };
  for (const operation of operations) {
    if (operation.op !== 'state') continue;
    const { node, state, at } = operation;
    if (open.get(node)?.state === state) continue;
    close(node, at);
    open.set(node, { state, fromMs: at });
  }
  for (const node of open.keys()) close(node, untilMs);
  return spans;
}

/**
 * Holds the samples of a panel's query against the states of the history: each must be of a state
 * that the node was in about then, and whoever was active for long must have been seen so.
 */
export function compareTimelines(
  samples: readonly StateSample[],
  spans: readonly StateSpan[],
): TimelineComparison {
  const contradicted = samples.filter((sample) => !isBacked(sample, spans));
  const active = samples.filter(({ value }) => NODE_STATES[value] === 'active');
  const unseen = spans.filter(
    ({ node, state, fromMs, untilMs }) =>
      state === 'active' &&
      untilMs - fromMs >= SURELY_SEEN_MS &&
      !active.some((seen) => seen.node === node && seen.atMs >= fromMs && seen.atMs <= untilMs),
  );
  return {
    samples: samples.length,
    contradicted: contradicted.map(
      ({ node, value, atMs }) => `${node} was not ${NODE_STATES[value] ?? value} at ${told(atMs)}`,
    ),
    unseen: unseen.map(
      ({ node, fromMs, untilMs }) =>
        `${node} was active from ${told(fromMs)} to ${told(untilMs)} and was not seen so`,
    ),
    active: seenActive(active),
  };
}

function isBacked({ node, atMs, value }: StateSample, spans: readonly StateSpan[]): boolean {
  return spans.some(
    (span) =>
      span.node === node &&
      span.state === NODE_STATES[value] &&
      span.fromMs <= atMs + SLACK_MS &&
      span.untilMs >= atMs - STEP_MS - SLACK_MS,
  );
}

/** Joins samples of a node that follow each other without a gap. */
function seenActive(samples: readonly StateSample[]): readonly StateSpan[] {
  const spans: StateSpan[] = [];
  for (const node of new Set(samples.map((sample) => sample.node))) {
    const moments = samples.filter((sample) => sample.node === node).map(({ atMs }) => atMs);
    let fromMs: number | undefined;
    for (const [i, atMs] of moments.entries()) {
      fromMs ??= atMs;
      const next = moments[i + 1];
      if (next !== undefined && next - atMs <= STEP_MS) continue;
      spans.push({ node, state: 'active', fromMs, untilMs: atMs });
      fromMs = undefined;
    }
  }
  return spans.toSorted((a, b) => a.fromMs - b.fromMs);
}

function told(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
