import type {
  EffectOperation,
  EndOperation,
  EnqueueOperation,
  Expectations,
  FaultOperation,
  HistoryHeader,
  Operation,
  OperationBody,
  StateOperation,
} from '@understudy/history';
import { judge } from './judge.ts';
import type { CheckerName, CheckerResult, Verdict } from './verdict.ts';

/** How an enqueue ends; `open`: its `invoke` is never completed. */
export type EnqueueEnding = 'ok' | 'fail' | 'info' | 'open';

/**
 * A history written by hand, for tests: each call appends an operation one millisecond later. What
 * is not said is filled in so that the history is a good one.
 */
export class ExampleHistory {
  readonly operations: Operation[] = [];
  readonly header: HistoryHeader;
  #at = 0;
  #position = 0;

  /** An active-passive run of three nodes with a TTL of 2 s, unless told otherwise. */
  constructor(expect: Partial<Expectations> = {}, header: Partial<HistoryHeader> = {}) {
    this.header = {
      history: 1,
      run: 'example',
      mode: 'active-passive',
      lane: 'bullmq',
      startedAt: '2026-11-23T12:00:00.000Z',
      seed: 7,
      nodes: ['node-1', 'node-2', 'node-3'],
      ...header,
      expect: {
        epochs: true,
        idempotency: true,
        ordered: false,
        balances: true,
        ttlMs: 2000,
        livenessBoundMs: 5000,
        takeoverLimitMs: { kill: 500, stop: 3000, pause: 3000 },
        poison: [],
        schedule: [],
        ...expect,
      },
    };
  }

  /** Moves the time to `at` (ms since the run began). */
  to(at: number): this {
    this.#at = at;
    return this;
  }

  /** Appends any operation. */
  add(body: OperationBody): this {
    this.#at += 1;
    this.operations.push({ seq: this.operations.length + 1, at: this.#at, ...body });
    return this;
  }

  /** Enqueues a payment of one euro to `acc-1`. */
  enqueue(job: string, fields: Partial<EnqueueOperation> = {}, ending: EnqueueEnding = 'ok'): this {
    const common = { op: 'enqueue', process: 'producer-1', job, ...fields } as const;
    const payment = { key: job, account: 'acc-1', amountCents: 100 };
    this.add({ ...payment, ...common, type: 'invoke' });
    return ending === 'open' ? this : this.add({ ...common, type: ending });
  }

  /** A handler starts at `node`. */
  attempt(job: string, node = 'node-1', incarnation = `${node}/a`): this {
    return this.add({ op: 'attempt', type: 'invoke', process: node, job, node, incarnation, n: 1 });
  }

  /** The next entry of the effect log: by node-1 in epoch 1, one euro to `acc-1`. */
  effect(job: string, fields: Partial<EffectOperation> = {}): this {
    this.#position = fields.position ?? this.#position + 1;
    const node = fields.node ?? 'node-1';
    const epoch = this.header.expect.epochs ? { epoch: 1, term: `term-${fields.epoch ?? 1}` } : {};
    return this.add({
      op: 'effect',
      type: 'ok',
      process: 'ledger',
      job,
      node,
      incarnation: `${node}/a`,
      ...epoch,
      position: this.#position,
      id: `${this.#position}-0`,
      key: job,
      account: 'acc-1',
      amountCents: 100,
      source: 'live',
      ...fields,
    });
  }

  /** The effect at `position` was seen and is gone. */
  vanished(job: string, position: number): this {
    const id = `${position}-0`;
    return this.add({ op: 'vanished', type: 'info', process: 'ledger', job, id, position });
  }

  /** What a node says of itself. */
  state(node: string, state: StateOperation['state'], fields: Partial<StateOperation> = {}): this {
    const incarnation = `${node}/a`;
    return this.add({
      op: 'state',
      type: 'info',
      process: node,
      node,
      incarnation,
      state,
      ...fields,
    });
  }

  /** `node` leads under `epoch`. */
  leads(node: string, epoch: number, incarnation = `${node}/a`): this {
    return this.state(node, 'active', { epoch, term: `term-${epoch}`, incarnation });
  }

  /** One phase of a fault on `target`. */
  fault(
    phase: FaultOperation['phase'],
    fault: string,
    target: string,
    fields: Partial<FaultOperation> = {},
  ): this {
    return this.add({
      op: 'fault',
      type: 'info',
      process: 'nemesis',
      id: 'f1',
      fault,
      target,
      requested: target,
      phase,
      ...(phase === 'landed' ? { evidence: 'seen', unfinished: 5 } : {}),
      ...fields,
    });
  }

  /** A fault on `target` that lands at once. */
  hit(fault: string, target: string, fields: Partial<FaultOperation> = {}): this {
    return this.fault('inject', fault, target, fields).fault('landed', fault, target, fields);
  }

  /** The lab stood still until now. */
  stall(durationMs: number): this {
    return this.add({ op: 'stall', type: 'info', process: 'lab', durationMs });
  }

  /** The store is not the one it was. */
  store(event: 'restarted' | 'regressed'): this {
    return this.add({ op: 'store', type: 'info', process: 'ledger', event, runId: 'other' });
  }

  /** The read at the end: by default the log is complete and the queue empty. */
  end(fields: Partial<EndOperation> = {}): this {
    const effects = this.operations.filter((operation) => operation.op === 'effect');
    const gone = this.operations.filter((operation) => operation.op === 'vanished').length;
    const sums = new Map<string, number>();
    for (const { account = '', amountCents = 0 } of effects) {
      sums.set(account, (sums.get(account) ?? 0) + amountCents);
    }
    return this.add({
      op: 'end',
      type: 'ok',
      process: 'ledger',
      queue: {},
      pendingJobs: [],
      parkedJobs: [],
      ...(this.header.expect.balances ? { balances: Object.fromEntries(sums) } : {}),
      entriesAdded: effects.length - gone,
      entriesRead: effects.length - gone,
      ...fields,
    });
  }

  /** The verdict on it. */
  judged(options: { torn?: boolean } = {}): Verdict {
    return judge(this.header, this.operations, options);
  }

  /** What one checker says of it. */
  judgedBy(name: CheckerName): CheckerResult {
    const result = this.judged().checkers.find(({ checker }) => checker === name);
    if (!result) throw new Error(`no checker ${name}`);
    return result;
  }
}
