import type { FaultData, RunData, StateData, TakeoverData } from '../run-data.ts';
import { unpack } from './unpack.ts';

/** The columns of a table, unpacked. */
type Columns<Name extends string> = { readonly rows: number } & {
  readonly [N in Name]: Float64Array;
};

/** A moment worth going to, in ms. */
export interface Event {
  readonly at: number;
  readonly text: string;
}

/** A run as it is drawn and searched; moments in ms since it began. */
export interface RunView {
  readonly label: string;
  readonly endAt: number;
  readonly nodes: readonly string[];
  readonly jobs: readonly string[];
  readonly accounts: readonly string[];
  /** The changes of state of each node, in their order. */
  readonly statesOf: readonly (readonly StateData[])[];
  readonly faults: readonly FaultData[];
  readonly takeovers: readonly TakeoverData[];
  readonly enqueues: Columns<'job' | 'at' | 'took' | 'outcome' | 'copy'>;
  readonly attempts: Columns<'job' | 'at' | 'node' | 'n'>;
  readonly effects: Columns<
    'job' | 'at' | 'node' | 'epoch' | 'position' | 'account' | 'cents' | 'final'
  >;
  readonly remarks: RunData['remarks'];
  /** When each node's effects were, ascending. */
  readonly effectsOf: readonly Float64Array[];
  /** When each node made an effect of a job that had one already, ascending. */
  readonly repeatsOf: readonly Float64Array[];
  /** What the cursor can go to, in order. */
  readonly events: readonly Event[];
}

const TENTHS = 10;

/** Unpacks the data of a run. */
export function viewOf(data: RunData): RunView {
  const effects = columns(data.effects);
  const { effectsOf, repeatsOf } = byNode(effects, data);
  const states = data.states.map((state) => ({ ...state, at: state.at / TENTHS }));
  const faults = data.faults.map((fault) => ({
    ...{ ...fault, from: fault.from / TENTHS, until: fault.until / TENTHS },
  }));
  const takeovers = data.takeovers.map((takeover) => ({
    ...{ ...takeover, began: takeover.began / TENTHS, at: takeover.at / TENTHS },
  }));
  const { label, nodes, jobs, accounts } = data;
  return {
    ...{ label, nodes, jobs, accounts, effects, effectsOf, repeatsOf, faults, takeovers },
    endAt: data.endAt / TENTHS,
    statesOf: nodes.map((_, node) => states.filter((state) => state.node === node)),
    enqueues: columns(data.enqueues, ['took']),
    attempts: columns(data.attempts),
    remarks: data.remarks.map((remark) => ({ ...remark, at: remark.at / TENTHS })),
    events: eventsOf(nodes, states, faults, takeovers, repeatsOf),
  };
}

/** Unpacks a table; its moments, and what else is a time, become ms. */
function columns<Name extends string>(
  table: { readonly rows: number } & { readonly [N in Name]: string },
  times: readonly string[] = [],
): Columns<Name> {
  const unpacked = Object.entries(table).map(([name, column]) => {
    if (typeof column !== 'string') return [name, column];
    const numbers = unpack(column, table.rows);
    const isTime = name === 'at' || times.includes(name);
    return [
      name,
      isTime ? numbers.map((number) => (number < 0 ? number : number / TENTHS)) : numbers,
    ];
  });
  return Object.fromEntries(unpacked) as Columns<Name>;
}

function byNode(
  effects: RunView['effects'],
  { nodes, jobs }: RunData,
): Pick<RunView, 'effectsOf' | 'repeatsOf'> {
  const all = nodes.map((): number[] => []);
  const repeats = nodes.map((): number[] => []);
  const seen = new Uint8Array(jobs.length);
  for (let row = 0; row < effects.rows; row += 1) {
    const [node, job, at] = [effects.node[row] ?? 0, effects.job[row] ?? 0, effects.at[row] ?? 0];
    all[node]?.push(at);
    if (seen[job] === 1) repeats[node]?.push(at);
    seen[job] = 1;
  }
  return {
    effectsOf: all.map((times) => Float64Array.from(times)),
    repeatsOf: repeats.map((times) => Float64Array.from(times)),
  };
}

function eventsOf(
  nodes: readonly string[],
  states: readonly StateData[],
  faults: readonly FaultData[],
  takeovers: readonly TakeoverData[],
  repeats: readonly Float64Array[],
): Event[] {
  const name = (node: number): string => nodes[node] ?? '';
  return [
    ...states.map(({ at, node, state }) => ({ at, text: `${name(node)} is ${state}` })),
    ...faults.flatMap(({ id, fault, target, from, until }) => [
      { at: from, text: `${id}: ${fault} of ${target} is injected` },
      { at: until, text: `${id}: ${fault} of ${target} is over` },
    ]),
    ...takeovers.map(({ at, from, to }) => ({
      at,
      text: `${name(to)} took over from ${name(from)}`,
    })),
    ...repeats.flatMap((times, node) =>
      [...times].map((at) => ({ at, text: `a job takes effect again, by ${name(node)}` })),
    ),
  ].sort((a, b) => a.at - b.at);
}

/** How many of the ascending `times` are below `at`. */
export function countBelow(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The state of a node at a moment, and the epoch it said; none before it was heard of. */
export function stateAt(run: RunView, node: number, at: number): StateData | undefined {
  return run.statesOf[node]?.findLast((state) => state.at <= at);
}
