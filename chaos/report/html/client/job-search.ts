import { ENQUEUE_OUTCOMES } from '../run-data.ts';
import type { RunView } from './run-view.ts';
import { amount, count } from './words.ts';

/** One thing that happened to a job. */
export interface JobEvent {
  /** In ms since the run began. */
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly effect: boolean;
}

/** Everything a run tells of a job. */
export interface FoundJob {
  readonly job: string;
  readonly events: readonly JobEvent[];
  readonly attempts: number;
  readonly effects: number;
}

type Rows = ReadonlyMap<number, readonly number[]>;

interface RowsOfJobs {
  readonly enqueues: Rows;
  readonly attempts: Rows;
  readonly effects: Rows;
}

/** Finds jobs of one run. What it needs for that is made when it is first asked. */
export class JobSearch {
  readonly #run: RunView;
  #indexes: ReadonlyMap<string, number> | undefined;
  #rows: RowsOfJobs | undefined;

  constructor(run: RunView) {
    this.#run = run;
  }

  /** The ids that hold `text`: the one that is it first, then those that begin with it. */
  matching(text: string, most: number): string[] {
    const { jobs } = this.#run;
    const exact = this.#index.has(text) ? [text] : [];
    const begin: string[] = [];
    const within: string[] = [];
    for (const job of jobs) {
      if (begin.length >= most) break;
      if (job === text) continue;
      if (job.startsWith(text)) begin.push(job);
      else if (within.length < most && job.includes(text)) within.push(job);
    }
    return [...exact, ...begin, ...within].slice(0, most);
  }

  /** All about one job; undefined where this run has none of that id. */
  find(job: string): FoundJob | undefined {
    const index = this.#index.get(job);
    if (index === undefined) return undefined;
    const { enqueues, attempts, effects } = this.#byJob;
    const made = effects.get(index) ?? [];
    const tried = attempts.get(index) ?? [];
    const events = [
      ...(enqueues.get(index) ?? []).flatMap((row) => this.#enqueue(row)),
      ...tried.map((row) => this.#attempt(row)),
      ...made.map((row, nth) => this.#effect(row, nth)),
      ...this.#run.remarks
        .filter((remark) => remark.job === index)
        .map(({ at, text }) => ({ at, who: 'ledger', what: text, effect: false })),
    ].sort((a, b) => a.at - b.at);
    return { job, events, attempts: tried.length, effects: made.length };
  }

  get #index(): ReadonlyMap<string, number> {
    return (this.#indexes ??= new Map(this.#run.jobs.map((job, index) => [job, index])));
  }

  get #byJob(): RowsOfJobs {
    const { enqueues, attempts, effects } = this.#run;
    return (this.#rows ??= {
      enqueues: grouped(enqueues.job),
      attempts: grouped(attempts.job),
      effects: grouped(effects.job),
    });
  }

  #enqueue(row: number): JobEvent[] {
    const { at, took, outcome, copy } = this.#run.enqueues;
    const again = (copy[row] ?? 1) > 1 ? ' a second time, on purpose' : '';
    const sent = at[row] ?? 0;
    const told = { who: 'producer', effect: false };
    const begun = { ...told, at: sent, what: `enqueued${again}` };
    const duration = took[row] ?? -1;
    const words = {
      ok: 'the queue has it',
      fail: 'it is certainly not in the queue',
      info: 'whether the queue has it is not known',
    };
    const ended = words[ENQUEUE_OUTCOMES[outcome[row] ?? 0] ?? 'info'];
    return [begun, { ...told, at: sent + Math.max(0, duration), what: `${ended}${again}` }];
  }

  #attempt(row: number): JobEvent {
    const { at, node, n } = this.#run.attempts;
    const who = this.#run.nodes[node[row] ?? 0] ?? '';
    return { at: at[row] ?? 0, who, what: `attempt ${n[row] ?? 1}`, effect: false };
  }

  #effect(row: number, nth: number): JobEvent {
    const { at, node, epoch, position, account, cents, final } = this.#run.effects;
    const who = this.#run.nodes[node[row] ?? 0] ?? '';
    const to = this.#run.accounts[account[row] ?? -1];
    const parts = [
      nth === 0 ? 'effect' : 'EFFECT AGAIN',
      ...((epoch[row] ?? -1) >= 0 ? [`epoch ${epoch[row]}`] : []),
      `position ${count(position[row] ?? 0)}`,
      `${amount(cents[row] ?? 0)}${to === undefined ? '' : ` to ${to}`}`,
      ...(final[row] === 1 ? ['found only by the read at the end'] : []),
    ];
    return { at: at[row] ?? 0, who, what: parts.join(', '), effect: true };
  }
}

/** The rows of each job, in their order. */
function grouped(jobs: Float64Array): Rows {
  const rows = new Map<number, number[]>();
  jobs.forEach((job, row) => {
    const own = rows.get(job);
    if (own) own.push(row);
    else rows.set(job, [row]);
  });
  return rows;
}
