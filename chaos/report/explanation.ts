import type { HistoryHeader, Operation } from '@understudy/history';
import { formatCount } from './figures.ts';
import { bracketed, incarnationTold, messageOf, tenureTold } from './message-words.ts';
import {
  nextNodeState,
  nodeConcerned,
  type NodeState,
  stateWord,
  UNKNOWN_STATE,
} from './node-state.ts';
import type { Explanation, RunResult } from './result.ts';
import { type Bears, type Entry, Timeline } from './timeline.ts';

/** How many lines a sequence has at most, marks of what is left out not counted. */
const MOST_LINES = 40;
/** Of those: lines about the subject itself, from its beginning and from its end. */
const MOST_OWN_LINES = 30;
/** What happened right before and right after the subject's own lines is told as well. */
const LINES_BEFORE = 8;
const LINES_AFTER = 3;

/** A violation to be explained. */
export type Subject = Omit<Explanation, 'fleet' | 'sequence'>;

type Checkers = RunResult['checkers'];

/** The first violation of each kind that refuted a run, checker by checker. */
export function violationsOf(checkers: Checkers): Subject[] {
  return checkers.flatMap(({ checker, verdict, anomalies, totals, decidedBy = [] }) => {
    if (verdict !== 'fail') return [];
    return decidedBy.flatMap((kind): Subject[] => {
      const first = firstOf(anomalies.filter((anomaly) => anomaly.kind === kind));
      if (!first) return [];
      const { job, overtaken, node, at, detail } = first;
      return [
        {
          ...{ checker, kind, total: totals[kind] ?? 1, detail },
          ...(job === undefined ? {} : { job }),
          ...(overtaken === undefined ? {} : { overtaken }),
          ...(node === undefined ? {} : { node }),
          ...(at === undefined ? {} : { at }),
        },
      ];
    });
  });
}

/** The one that was seen first, as far as their moments are known. */
function firstOf<A extends { readonly at?: number | undefined }>(
  anomalies: readonly A[],
): A | undefined {
  return anomalies.toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity)).at(0);
}

/**
 * Explains violations from the history alone, operation by operation: what happened around each,
 * in the order in which the lab saw it, and what the nodes were when that began.
 */
export function explainer(
  header: HistoryHeader,
  subjects: readonly Subject[],
): { step(operation: Operation): void; finish(): Explanation[] } {
  const bearings = subjects.map(bearing);
  const timeline = new Timeline(bearings);
  return {
    step: (operation) => timeline.step(operation),
    finish: () =>
      subjects.map((subject, index) => {
        const bears = bearings[index] as Bears;
        return explain(header, subject, bears, timeline.seenBy(bears));
      }),
  };
}

/**
 * What belongs to a violation: everything about its job and the one it overtook; where it names none, what was recorded at
 * its very moment, and, where leadership is in question, everybody who ever said that they lead.
 */
function bearing({ checker, job, overtaken, node, at }: Subject): Bears {
  if (job !== undefined) {
    return (operation) => {
      if ('job' in operation) return operation.job === job || operation.job === overtaken;
      // What never happened shows at the end alone.
      return at === undefined && operation.op === 'end';
    };
  }
  return (operation) => {
    if (operation.at === at && (node === undefined || nodeOf(operation) === node)) return true;
    return checker === 'fencing' && operation.op === 'state' && operation.state === 'active';
  };
}

function nodeOf(operation: Operation): string | undefined {
  return 'node' in operation ? operation.node : nodeConcerned(operation);
}

function explain(
  header: HistoryHeader,
  subject: Subject,
  bears: Bears,
  entries: readonly Entry[],
): Explanation {
  const isOwn = entries.map((entry) => entry.kind === 'operation' && bears(entry.operation));
  const shown = choose(entries, isOwn);
  const sequence: Explanation['sequence'][number][] = [];
  let next = shown[0] ?? 0;
  for (const index of shown) {
    const entry = entries[index] as Entry;
    const at = entry.kind === 'operation' ? entry.operation.at : entry.at;
    if (index > next) sequence.push(leftOut(index - next, at));
    sequence.push({ at, ...messageOf(entry), own: isOwn[index] === true });
    next = index + 1;
  }
  const before = fleetBefore(header, entries.slice(0, shown[0] ?? 0));
  return { ...subject, ...(before === undefined ? {} : { fleet: before }), sequence };
}

function leftOut(count: number, at: number): Explanation['sequence'][number] {
  const what = `${formatCount(count)} ${count === 1 ? 'line is' : 'lines are'} left out here`;
  return { at, who: '…', what, own: false };
}

/** The indexes of the entries to show, in their order. */
function choose(entries: readonly Entry[], isOwn: readonly boolean[]): number[] {
  const own = entries.map((_, index) => index).filter((index) => isOwn[index]);
  const [first, last] = [own.at(0), own.at(-1)];
  if (first === undefined || last === undefined) {
    return bothEnds(
      entries.map((_, index) => index),
      MOST_LINES,
    );
  }
  const kept = new Set(bothEnds(own, MOST_OWN_LINES));
  const from = Math.max(0, first - LINES_BEFORE);
  const until = Math.min(entries.length - 1, last + LINES_AFTER);
  const around = Array.from({ length: until - from + 1 }, (_, offset) => from + offset);
  // What stands nearest to a line of the subject's own tells most about it.
  const distance = (index: number): number =>
    Math.min(...own.map((each) => Math.abs(each - index)));
  const nearest = around
    .filter((index) => !isOwn[index])
    .map((index) => ({ index, distance: distance(index) }))
    .sort((a, b) => a.distance - b.distance || a.index - b.index);
  for (const { index } of nearest.slice(0, MOST_LINES - kept.size)) kept.add(index);
  return [...kept].sort((a, b) => a - b);
}

function bothEnds(indexes: readonly number[], most: number): number[] {
  if (indexes.length <= most) return [...indexes];
  const half = Math.floor(most / 2);
  return [...indexes.slice(0, half), ...indexes.slice(-half)];
}

/** What each node was, and which faults were in force, after these entries, if there are any. */
function fleetBefore(header: HistoryHeader, entries: readonly Entry[]): Explanation['fleet'] {
  if (entries.length === 0) return undefined;
  const nodes = new Map<string, NodeState & { own: readonly string[] }>();
  for (const node of header.nodes) nodes.set(node, { ...UNKNOWN_STATE, own: [] });
  const faults = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind !== 'operation') continue;
    const { operation } = entry;
    if (operation.op === 'fault') {
      const { id, fault, target, phase } = operation;
      if (phase === 'landed') faults.set(id, `${id} ${fault} ${target}`);
      if (phase === 'healed') faults.delete(id);
    }
    const node = nodeConcerned(operation);
    const before = node === undefined ? undefined : nodes.get(node);
    if (node === undefined || !before) continue;
    const own =
      operation.op === 'state'
        ? [...tenureTold(operation), ...incarnationTold(operation.incarnation)]
        : before.own;
    nodes.set(node, { ...nextNodeState(before, operation), own });
  }
  return {
    nodes: [...nodes].map(([node, state]) => `${node} ${stateWord(state)}${bracketed(state.own)}`),
    faults: [...faults.values()],
  };
}
