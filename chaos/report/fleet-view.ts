import { unreachable } from '@understudy/runtime';
import type { Operation } from '@understudy/history';
import type { LabEvent, Phase } from '../runner/events.ts';
import { formatMs } from './figures.ts';
import { nextNodeState, nodeConcerned, type NodeState, UNKNOWN_STATE } from './node-state.ts';

/** What is known of one node while a run goes on. */
export interface NodeView {
  readonly name: string;
  state: NodeState;
  effects: number;
  /** The last thing that happened to it, and when (ms of the display's clock). */
  last: { text: string; atMs: number } | undefined;
  readonly rate: RateWindow;
}

/** What is known of a fleet while a run goes on: a fold over the run's events. */
export interface FleetView {
  readonly experiment: string;
  readonly mode: string;
  /** How many jobs the workload holds. */
  readonly total: number;
  readonly startedMs: number;
  phase: Phase | undefined;
  detail: string;
  enqueued: number;
  effects: number;
  readonly nodes: Map<string, NodeView>;
}

/** A fleet of which nothing is known yet. */
export function emptyView(
  about: Pick<FleetView, 'experiment' | 'mode' | 'total' | 'startedMs'>,
): FleetView {
  return { ...about, phase: undefined, detail: '', enqueued: 0, effects: 0, nodes: new Map() };
}

/** Adds what `event` tells, heard at `nowMs`. Changes `view`, because thousands come a second. */
export function observe(view: FleetView, event: LabEvent, nowMs: number): void {
  if (event.type === 'phase') {
    view.phase = event.phase;
    view.detail = event.detail;
    for (const name of event.nodes) nodeOf(view, name);
    return;
  }
  observeOperation(view, event, nowMs);
}

function observeOperation(view: FleetView, op: Operation, nowMs: number): void {
  const concerned = view.nodes.get(nodeConcerned(op) ?? '');
  if (concerned) concerned.state = nextNodeState(concerned.state, op);
  switch (op.op) {
    case 'enqueue':
      if (op.type === 'ok' && (op.copy ?? 1) === 1) view.enqueued += 1;
      return;
    case 'effect': {
      const node = nodeOf(view, op.node);
      view.effects += 1;
      node.effects += 1;
      node.rate.add(nowMs);
      return;
    }
    case 'state':
      if (concerned) concerned.last = { text: describeState(op), atMs: nowMs };
      return;
    case 'fault':
      if (concerned) concerned.last = { text: `${op.fault} ${op.phase}`, atMs: nowMs };
      return;
    case 'parked': {
      const node = view.nodes.get(op.process);
      if (node) node.last = { text: `parked ${op.job}`, atMs: nowMs };
      return;
    }
    case 'attempt':
    case 'vanished':
    case 'store':
    case 'stall':
    case 'health':
    case 'end':
      return;
    default:
      return unreachable(op);
  }
}

function describeState(op: Extract<Operation, { op: 'state' }>): string {
  return op.epoch === undefined ? op.state : `${op.state}, epoch ${op.epoch}`;
}

function nodeOf(view: FleetView, name: string): NodeView {
  let node = view.nodes.get(name);
  if (!node) {
    node = {
      name,
      state: UNKNOWN_STATE,
      effects: 0,
      last: undefined,
      rate: new RateWindow(),
    };
    view.nodes.set(name, node);
  }
  return node;
}

const BUCKET_MS = 100;
const BUCKETS = 10;

/** Counts what happened in the last second, in ten buckets, so that a count costs nothing. */
export class RateWindow {
  readonly #counts = new Array<number>(BUCKETS).fill(0);
  #newest = 0;

  /** Counts one event at `nowMs`. */
  add(nowMs: number): void {
    const bucket = this.#advance(nowMs);
    this.#counts[bucket % BUCKETS] = (this.#counts[bucket % BUCKETS] ?? 0) + 1;
  }

  /** How many events there were in the second before `nowMs`. */
  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #advance(nowMs: number): number {
    const bucket = Math.max(this.#newest, Math.floor(nowMs / BUCKET_MS));
    const forget = Math.min(BUCKETS, bucket - this.#newest);
    for (let i = 0; i < forget; i++) this.#counts[(bucket - i) % BUCKETS] = 0;
    this.#newest = bucket;
    return bucket;
  }
}

/** How long ago something was, for the table of nodes: `just now`, `3.2 s ago`. */
export function ago(atMs: number, nowMs: number): string {
  const passedMs = nowMs - atMs;
  return passedMs < 100 ? 'just now' : `${formatMs(Math.round(passedMs / 100) * 100)} ago`;
}
