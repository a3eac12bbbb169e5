import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { HistoryHeader, Operation, OperationBody } from '@understudy/history';
import { type Prng, seededPrng } from '@understudy/runtime';

/** A leader is killed after this many jobs. */
const JOBS_OF_A_TERM = 20_000;
const JOBS_AHEAD = 50;
const ACCOUNTS = 500;
const NODES = ['node-1', 'node-2', 'node-3'];

/** What was written. */
export interface Written {
  readonly operations: number;
  readonly jobs: number;
  readonly kills: number;
}

/**
 * Writes a history of `operations` operations. It is a good one, with a leader killed again and again:
 * its verdict must be a pass, so that nothing was skipped.
 */
export async function writeHistory(path: string, operations: number): Promise<Written> {
  const file = createWriteStream(path);
  const fleet = new MadeUpFleet(operations);
  file.write(`${JSON.stringify(fleet.header)}\n`);
  for (const lines of fleet.lines()) {
    if (!file.write(lines)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return fleet;
}

/** A fleet that exists in its history only: jobs in flight, copies, kills and takeovers. */
class MadeUpFleet implements Written {
  readonly header: HistoryHeader;
  readonly #operations: number;
  readonly #prng: Prng = seededPrng('judging');
  readonly #balances = new Map<string, number>();
  readonly #plannedKills: number;
  #pending: string[] = [];
  #seq = 0;
  #at = 0;
  #enqueued = 0;
  #done = 0;
  #epoch = 1;
  #kills = 0;

  constructor(operations: number) {
    this.#operations = operations;
    // Four operations a job, and one job in a hundred is enqueued twice.
    this.#plannedKills = Math.floor(operations / 4.02 / JOBS_OF_A_TERM);
    const schedule = Array.from({ length: this.#plannedKills }, (_, index) => ({
      id: `f${index + 1}`,
      fault: 'kill',
      target: 'leader',
    }));
    this.header = {
      history: 1,
      run: 'bench',
      mode: 'active-passive',
      lane: 'bullmq',
      startedAt: '2026-11-23T12:00:00.000Z',
      seed: 1,
      nodes: NODES,
      expect: {
        epochs: true,
        idempotency: true,
        ordered: false,
        balances: true,
        ttlMs: 2000,
        livenessBoundMs: 10_000,
        takeoverLimitMs: { kill: 500 },
        poison: [],
        schedule,
      },
    };
  }

  get operations(): number {
    return this.#seq;
  }

  get jobs(): number {
    return this.#enqueued;
  }

  get kills(): number {
    return this.#kills;
  }

  /** The lines of the history after the header, a few at a time. */
  *lines(): Generator<string> {
    for (const node of NODES) this.#state(node, 'passive');
    this.#state(this.#leader, 'active');
    while (this.#seq + JOBS_AHEAD * 2 + 1 < this.#operations) {
      while (this.#enqueued < this.#done + JOBS_AHEAD) this.#enqueue();
      const due = this.#done > 0 && this.#done % JOBS_OF_A_TERM === 0;
      if (due && this.#kills < this.#plannedKills) this.#killLeader();
      this.#work();
      if (this.#pending.length > 500) yield this.#take();
    }
    while (this.#done < this.#enqueued) this.#work();
    this.#end();
    yield this.#take();
  }

  get #leader(): string {
    return NODES[this.#epoch % NODES.length]!;
  }

  #take(): string {
    const lines = this.#pending.join('');
    this.#pending = [];
    return lines;
  }

  #add(body: OperationBody): void {
    this.#at = Math.round((this.#at + this.#prng.float()) * 1000) / 1000;
    const operation: Operation = { seq: ++this.#seq, at: this.#at, ...body };
    this.#pending.push(`${JSON.stringify(operation)}\n`);
  }

  #payment(n: number): { job: string; key: string; account: string; amountCents: number } {
    const job = `p-${String(n).padStart(6, '0')}`;
    return { job, key: job, account: `acc-${n % ACCOUNTS}`, amountCents: 100 + (n % 977) };
  }

  #enqueue(): void {
    const payment = this.#payment(++this.#enqueued);
    const { job } = payment;
    for (const copy of this.#enqueued % 100 === 0 ? [1, 2] : [1]) {
      const common = { op: 'enqueue', process: 'producer-1', copy } as const;
      this.#add({ ...common, type: 'invoke', ...payment });
      this.#add({ ...common, type: 'ok', job });
    }
  }

  #work(): void {
    const payment = this.#payment(++this.#done);
    const { job, account, amountCents } = payment;
    const [node, epoch] = [this.#leader, this.#epoch];
    const who = { node, incarnation: `incarnation-${epoch}` };
    this.#add({ op: 'attempt', type: 'invoke', process: node, job, ...who, n: 1 });
    this.#add({
      op: 'effect',
      type: 'ok',
      process: 'ledger',
      ...payment,
      ...who,
      epoch,
      term: `term-${epoch}`,
      position: this.#done,
      id: `1795430400000-${this.#done}`,
      source: 'live',
    });
    this.#balances.set(account, (this.#balances.get(account) ?? 0) + amountCents);
  }

  #state(node: string, state: 'passive' | 'active' | 'down'): void {
    const led = state === 'active' ? { epoch: this.#epoch, term: `term-${this.#epoch}` } : {};
    const incarnation = `incarnation-${this.#epoch}`;
    this.#add({ op: 'state', type: 'info', process: node, node, incarnation, state, ...led });
  }

  #killLeader(): void {
    this.#kills += 1;
    const target = this.#leader;
    const id = `f${this.#kills}`;
    const common = { op: 'fault', type: 'info', process: 'nemesis', id, fault: 'kill' } as const;
    const hit = { ...common, target, requested: 'leader', role: 'leader' };
    this.#add({ ...hit, phase: 'inject' });
    this.#add({ ...hit, phase: 'landed', evidence: 'SIGKILL', unfinished: JOBS_AHEAD });
    this.#state(target, 'down');
    this.#epoch += 1;
    this.#state(this.#leader, 'active');
    this.#add({ ...hit, phase: 'healed' });
    this.#state(target, 'passive');
  }

  #end(): void {
    this.#add({
      op: 'end',
      type: 'ok',
      process: 'ledger',
      queue: { completed: this.#done },
      pendingJobs: [],
      parkedJobs: [],
      balances: Object.fromEntries(this.#balances),
      entriesAdded: this.#done,
      entriesRead: this.#done,
    });
  }
}
