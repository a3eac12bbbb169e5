import type { HistoryHeader, Operation } from '@understudy/history';
import {
  nextNodeState,
  nodeConcerned,
  type NodeState,
  stateWord,
  UNKNOWN_STATE,
} from './node-state.ts';

/** A node changed its state, by its own word or (`down`, `paused`) as the lab saw it. */
export interface StateChange {
  readonly at: number;
  readonly node: string;
  readonly state: string;
  readonly epoch?: number | undefined;
}

/** An effect in ledger order. */
export interface EffectMark {
  readonly at: number;
  readonly job: string;
  readonly node: string;
  readonly epoch?: number | undefined;
  readonly position: number;
  readonly amountCents: number;
  readonly account?: string | undefined;
  /** It was found only by the read at the end, so that nobody knows when it was made. */
  readonly final?: true;
}

/** One fault of the schedule, from its injection to its heal. */
export interface FaultMark {
  readonly id: string;
  readonly fault: string;
  readonly target: string;
  /** Right before it was done: takeovers are measured from here. */
  readonly injectedAt: number;
  healedAt?: number;
}

/** What happened to one job. */
export interface JobMark {
  /** How often its enqueueing was acknowledged. */
  enqueued: number;
  /** The nodes that attempted it, once an attempt. */
  readonly attempts: { readonly at: number; readonly node: string; readonly n: number }[];
  readonly effects: EffectMark[];
}

/**
 * A history in the form that a story is told from: who was in which state when, which faults
 * landed, and what became of each job.
 */
export interface Chronicle {
  readonly header: HistoryHeader;
  /** When the first job was handed to the queue; Infinity when none was. */
  readonly firstJobAt: number;
  /** In the order of the history. */
  readonly states: readonly StateChange[];
  /** In ledger order. */
  readonly effects: readonly EffectMark[];
  /** Those that landed, in the order in which they were injected. */
  readonly faults: readonly FaultMark[];
  readonly jobs: ReadonlyMap<string, JobMark>;
}

/** Reads a history into a chronicle, operation by operation. */
export function chronicler(header: HistoryHeader): {
  step(operation: Operation): void;
  finish(): Chronicle;
} {
  const states: StateChange[] = [];
  const effects: EffectMark[] = [];
  let firstJobAt = Infinity;
  const injected = new Map<string, number>();
  const faults = new Map<string, FaultMark>();
  const jobs = new Map<string, JobMark>();
  const jobOf = (id: string): JobMark => {
    let job = jobs.get(id);
    if (!job) jobs.set(id, (job = { enqueued: 0, attempts: [], effects: [] }));
    return job;
  };
  const nodes = new Map<string, NodeState>();
  const step = (op: Operation): void => {
    noteState(op, nodes, states);
    if (op.op === 'enqueue') firstJobAt = Math.min(firstJobAt, op.at);
    if (op.op === 'enqueue' && op.type === 'ok') jobOf(op.job).enqueued += 1;
    else if (op.op === 'attempt')
      jobOf(op.job).attempts.push({ at: op.at, node: op.node, n: op.n });
    else if (op.op === 'effect') {
      const { at, job, node, epoch, position, amountCents = 0, account } = op;
      const late = op.source === 'final' ? { final: true as const } : {};
      effects.push({ at, job, node, epoch, position, amountCents, account, ...late });
    } else if (op.op === 'fault') {
      const { id, fault, target, at } = op;
      if (op.phase === 'inject') injected.set(id, at);
      if (op.phase === 'landed') {
        faults.set(id, { id, fault, target, injectedAt: injected.get(id) ?? at });
      }
      const mark = faults.get(id);
      if (op.phase === 'healed' && mark) mark.healedAt = at;
    }
  };
  const finish = (): Chronicle => {
    const ordered = inLedgerOrder(effects);
    for (const effect of ordered) jobOf(effect.job).effects.push(effect);
    const landed = [...faults.values()].sort((a, b) => a.injectedAt - b.injectedAt);
    return { header, firstJobAt, states, effects: ordered, faults: landed, jobs };
  };
  return { step, finish };
}

function noteState(op: Operation, nodes: Map<string, NodeState>, changes: StateChange[]): void {
  const node = nodeConcerned(op);
  if (node === undefined) return;
  const before = nodes.get(node) ?? UNKNOWN_STATE;
  const after = nextNodeState(before, op);
  if (after === before) return;
  nodes.set(node, after);
  changes.push({ at: op.at, node, state: stateWord(after), epoch: after.epoch });
}

/**
 * Sorts by position. An entry found only by the read at the end carries the time of that read; it
 * cannot have been later than its successors in the ledger, so it takes the time of the next.
 */
function inLedgerOrder(effects: readonly EffectMark[]): EffectMark[] {
  const ordered = [...effects].sort((a, b) => a.position - b.position);
  let latest = Infinity;
  for (let i = ordered.length - 1; i >= 0; i--) {
    const effect = ordered[i] as EffectMark;
    latest = Math.min(latest, effect.at);
    ordered[i] = { ...effect, at: latest };
  }
  return ordered;
}

/** The last state of `node` known at `at`, or `unknown`. */
export function stateAt(chronicle: Chronicle, node: string, at: number): string {
  let state = 'unknown';
  for (const change of chronicle.states) {
    if (change.at > at) break;
    if (change.node === node) state = change.state;
  }
  return state;
}

/** How many effects each node committed from `fromMs` (included) to `untilMs` (not included). */
export function effectsByNode(
  chronicle: Chronicle,
  fromMs: number,
  untilMs: number,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { at, node } of chronicle.effects) {
    if (at >= fromMs && at < untilMs) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  // In the fleet's order, not in that of the first effect: rows of several runs compare.
  const nodes = [...new Set([...chronicle.header.nodes, ...counts.keys()])];
  return new Map(
    nodes.flatMap((node) => (counts.has(node) ? [[node, counts.get(node) ?? 0]] : [])),
  );
}
