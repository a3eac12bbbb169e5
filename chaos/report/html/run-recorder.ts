import type { EnqueueOperation, HistoryHeader, Operation } from '@understudy/history';
import { type Chronicle, chronicler } from '../chronicle.ts';
import type { RunResult } from '../result.ts';
import { pack } from './columns.ts';
import { ENQUEUE_OUTCOMES, type RunData, type Table } from './run-data.ts';

/** A history as a report holds it: the story in full, and the data of its script. */
export interface RecordedRun {
  readonly chronicle: Chronicle;
  /** What the script of the page draws and looks jobs up in. */
  dataFor(label: string, result: Pick<RunResult, 'takeovers' | 'durationMs'>): RunData;
}

const TENTHS = 10;

interface Enqueueing {
  readonly job: string;
  readonly at: number;
  readonly copy: number;
  took: number;
  outcome: number;
}

interface Remark {
  readonly job: string;
  readonly at: number;
  readonly text: string;
}

/** Reads a history for a report, operation by operation. */
export function runRecorder(header: HistoryHeader): {
  step(operation: Operation): void;
  finish(): RecordedRun;
} {
  const { step, finish } = chronicler(header);
  const enqueueings: Enqueueing[] = [];
  const open = new Map<string, Enqueueing>();
  const remarks: Remark[] = [];
  let lastAt = 0;
  return {
    step(operation) {
      lastAt = operation.at;
      step(operation);
      if (operation.op === 'enqueue') noteEnqueue(operation, enqueueings, open);
      const remark = remarkOf(operation);
      if (remark) remarks.push(remark);
    },
    finish() {
      const chronicle = finish();
      return {
        chronicle,
        dataFor: (label, result) =>
          dataOf(label, result, { chronicle, enqueueings, remarks, lastAt }),
      };
    },
  };
}

function noteEnqueue(
  { job, at, copy = 1, type }: EnqueueOperation,
  enqueueings: Enqueueing[],
  open: Map<string, Enqueueing>,
): void {
  const key = `${copy} ${job}`;
  const begun = open.get(key);
  if (type !== 'invoke' && begun) {
    begun.took = at - begun.at;
    begun.outcome = ENQUEUE_OUTCOMES.indexOf(type);
    open.delete(key);
    return;
  }
  // What is never completed has an unknown outcome.
  const outcome = ENQUEUE_OUTCOMES.indexOf(type === 'invoke' ? 'info' : type);
  const made = { job, at, copy, took: type === 'invoke' ? -1 : 0, outcome };
  enqueueings.push(made);
  if (type === 'invoke') open.set(key, made);
}

function remarkOf(operation: Operation): Remark | undefined {
  const { at } = operation;
  if (operation.op === 'parked') {
    return { job: operation.job, at, text: `was parked: ${operation.reason}` };
  }
  if (operation.op !== 'vanished') return undefined;
  const text = `its effect at position ${operation.position} was seen and is gone`;
  return { job: operation.job, at, text };
}

interface Read {
  readonly chronicle: Chronicle;
  readonly enqueueings: readonly Enqueueing[];
  readonly remarks: readonly Remark[];
  readonly lastAt: number;
}

function dataOf(
  label: string,
  result: Pick<RunResult, 'takeovers' | 'durationMs'>,
  { chronicle, enqueueings, remarks, lastAt }: Read,
): RunData {
  const nodes = new Indexed([...chronicle.header.nodes]);
  const jobs = new Indexed();
  const accounts = new Indexed();
  const endAt = tenths(Math.max(lastAt, result.durationMs));
  const enqueues = tableOf(enqueueings, {
    job: ({ job }) => jobs.of(job),
    at: ({ at }) => tenths(at),
    took: ({ took }) => (took < 0 ? -1 : tenths(took)),
    outcome: ({ outcome }) => outcome,
    copy: ({ copy }) => copy,
  });
  const tries = [...chronicle.jobs].flatMap(([job, mark]) =>
    mark.attempts.map((attempt) => ({ ...attempt, job })),
  );
  const attempts = tableOf(tries, {
    job: ({ job }) => jobs.of(job),
    at: ({ at }) => tenths(at),
    node: ({ node }) => nodes.of(node),
    n: ({ n }) => n,
  });
  const effects = tableOf(chronicle.effects, {
    job: ({ job }) => jobs.of(job),
    at: ({ at }) => tenths(at),
    node: ({ node }) => nodes.of(node),
    epoch: ({ epoch = -1 }) => epoch,
    position: ({ position }) => position,
    account: ({ account }) => (account === undefined ? -1 : accounts.of(account)),
    cents: ({ amountCents }) => amountCents,
    final: ({ final }) => (final === true ? 1 : 0),
  });
  return {
    label,
    endAt,
    states: chronicle.states.flatMap(({ at, node, state, epoch = -1 }) =>
      nodes.has(node) ? [{ at: tenths(at), node: nodes.of(node), state, epoch }] : [],
    ),
    faults: chronicle.faults.map(({ id, fault, target, injectedAt, healedAt }) => ({
      ...{ id, fault, target, from: tenths(injectedAt) },
      node: nodes.has(target) ? nodes.of(target) : -1,
      until: healedAt === undefined ? endAt : tenths(healedAt),
    })),
    takeovers: result.takeovers.map(({ cause, from, to, ms, limitMs, at, excused }) => ({
      ...{ cause, from: nodes.of(from), to: nodes.of(to) },
      ...{ began: tenths(at - ms), at: tenths(at) },
      late: ms > limitMs && excused === undefined,
    })),
    ...{ enqueues, attempts, effects },
    remarks: remarks.map(({ job, at, text }) => ({ job: jobs.of(job), at: tenths(at), text })),
    ...{ nodes: nodes.names, jobs: jobs.names, accounts: accounts.names },
  };
}

function tenths(ms: number): number {
  return Math.round(ms * TENTHS);
}

function tableOf<Row, Name extends string>(
  rows: readonly Row[],
  cells: Readonly<Record<Name, (row: Row) => number>>,
): Table<Name> {
  const columns = Object.entries<(row: Row) => number>(cells).map(([name, cell]) => [
    name,
    pack(rows.map(cell)),
  ]);
  return { ...(Object.fromEntries(columns) as Record<Name, string>), rows: rows.length };
}

/** Names by number, in the order in which they were first met. */
class Indexed {
  readonly names: string[];
  readonly #indexes: Map<string, number>;

  constructor(names: string[] = []) {
    this.names = names;
    this.#indexes = new Map(names.map((name, index) => [name, index]));
  }

  has(name: string): boolean {
    return this.#indexes.has(name);
  }

  of(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.names.push(name) - 1;
      this.#indexes.set(name, index);
    }
    return index;
  }
}
