import type { HistoryHeader, OperationBody } from '@understudy/history';
import { type Chronicle, chronicler } from './chronicle.ts';

/** Where a handmade history stands: `at` moves forward by hand. */
export class Handmade {
  readonly header: HistoryHeader;
  readonly #chronicle;
  #seq = 0;
  #at = 0;
  #position = 0;

  constructor(mode: HistoryHeader['mode'], nodes = ['node-1', 'node-2', 'node-3']) {
    this.header = {
      ...{ history: 1, run: 'handmade', mode, lane: 'bullmq', seed: 1, nodes },
      startedAt: '2026-01-01T00:00:00.000Z',
      expect: {
        ...{ epochs: mode === 'active-passive', idempotency: mode !== 'uncoordinated' },
        ...{ ordered: false, balances: true, ttlMs: 1000, livenessBoundMs: 10_000 },
        ...{ takeoverLimitMs: {}, poison: [], schedule: [] },
      },
    };
    this.#chronicle = chronicler(this.header);
  }

  at(ms: number): this {
    this.#at = ms;
    return this;
  }

  add(body: OperationBody): this {
    this.#seq += 1;
    this.#chronicle.step({ ...body, seq: this.#seq, at: this.#at });
    return this;
  }

  state(
    node: string,
    state: 'passive' | 'active' | 'down' | 'draining' | 'stopped',
    epoch?: number,
  ) {
    const common = { op: 'state', type: 'info', process: node, node, incarnation: 'i1' } as const;
    return this.add(epoch === undefined ? { ...common, state } : { ...common, state, epoch });
  }

  enqueue(job: string, copy = 1) {
    return this.add({ op: 'enqueue', type: 'ok', process: 'producer-1', job, copy });
  }

  attempt(job: string, node: string, n = 1) {
    return this.add({ op: 'attempt', type: 'invoke', process: node, job, node, n });
  }

  effect(job: string, node: string, epoch?: number, amountCents = 100) {
    this.#position += 1;
    const stamp = { process: 'ledger', position: this.#position, id: `${this.#position}-0` };
    const under = epoch === undefined ? {} : { epoch };
    return this.add({
      ...{ op: 'effect', type: 'ok', source: 'live', job, node, amountCents, ...stamp, ...under },
    });
  }

  /** A job's whole way: enqueued, attempted, done. */
  job(job: string, node: string, epoch?: number) {
    return this.enqueue(job).attempt(job, node).effect(job, node, epoch);
  }

  fault(
    id: string,
    fault: string,
    target: string,
    phase: 'inject' | 'landed' | 'heal' | 'healed' | 'refused',
  ) {
    const common = { op: 'fault', type: 'info', process: 'nemesis' } as const;
    return this.add({ ...common, id, fault, target, requested: 'leader', phase });
  }

  chronicle(): Chronicle {
    return this.#chronicle.finish();
  }
}

/** node-1 leads, is killed at 1 s if `kill` says so, node-2 takes over 40 ms later. */
export function activePassive({ kill }: { kill: boolean }): Chronicle {
  const history = new Handmade('active-passive').at(10);
  for (const node of ['node-1', 'node-2', 'node-3']) history.state(node, 'passive');
  history.at(20).state('node-1', 'active', 1);
  history.at(100).job('p-1', 'node-1', 1).job('p-2', 'node-1', 1);
  if (!kill) return history.at(200).job('p-3', 'node-1', 1).chronicle();
  history.at(1000).fault('f1', 'kill', 'node-1', 'inject');
  history.at(1008).state('node-1', 'down').fault('f1', 'kill', 'node-1', 'landed');
  history.at(1030).state('node-2', 'active', 2);
  history.at(1040).job('p-3', 'node-2', 2).at(1500).job('p-4', 'node-2', 2);
  history.at(2010).fault('f1', 'kill', 'node-1', 'healed').state('node-1', 'passive');
  history
    .at(3000)
    .fault('f2', 'pause', 'node-2', 'inject')
    .fault('f2', 'pause', 'node-2', 'landed');
  history.at(5000).state('node-3', 'active', 3).job('p-5', 'node-3', 3);
  history.at(6000).fault('f2', 'pause', 'node-2', 'healed').job('p-6', 'node-3', 3);
  return history.chronicle();
}

/** All work; node-1 is killed with p-4 in flight, which node-2 takes over; p-2 comes twice. */
export function activeActive(): Chronicle {
  const history = new Handmade('active-active').at(10);
  for (const node of ['node-1', 'node-2', 'node-3']) history.state(node, 'active');
  history.at(100).job('p-1', 'node-1').job('p-2', 'node-2').job('p-3', 'node-3');
  history.enqueue('p-2', 2).attempt('p-2', 'node-1', 2);
  history.at(900).enqueue('p-4').attempt('p-4', 'node-1');
  history.at(1000).fault('f1', 'kill', 'node-1', 'inject');
  history.at(1008).state('node-1', 'down').fault('f1', 'kill', 'node-1', 'landed');
  history.at(1050).attempt('p-4', 'node-2', 2).effect('p-4', 'node-2');
  history.at(2000).state('node-1', 'active').fault('f1', 'kill', 'node-1', 'healed');
  history.at(2100).job('p-5', 'node-1').job('p-6', 'node-2').job('p-7', 'node-3');
  return history.chronicle();
}

/** As above, but p-4 takes effect at both nodes and p-2 at one node twice. */
export function uncoordinated(): Chronicle {
  const history = new Handmade('uncoordinated').at(10);
  for (const node of ['node-1', 'node-2', 'node-3']) history.state(node, 'active');
  history.at(100).job('p-1', 'node-1').job('p-2', 'node-2');
  history.enqueue('p-2', 2).attempt('p-2', 'node-2', 2).effect('p-2', 'node-2');
  history.at(900).enqueue('p-4').attempt('p-4', 'node-1').effect('p-4', 'node-1', undefined, 1250);
  history.at(1050).attempt('p-4', 'node-2', 2).effect('p-4', 'node-2', undefined, 1250);
  return history.chronicle();
}
