import type { HistoryHeader, Mode, Operation, OperationBody } from '@understudy/history';
import { type Prng, seededPrng } from '@understudy/runtime';
import { judge } from '../../checker/index.ts';
import { explainer, violationsOf } from '../explanation.ts';
import type { RunToReport, Told } from './reported-run.ts';

/** What an example run is like. */
export interface ExampleOptions {
  readonly mode: Mode;
  readonly jobs: number;
  /** Effects a second. */
  readonly rate?: number;
  readonly nodes?: readonly string[];
  /** The id of the nth job, from 1. */
  readonly jobId?: (n: number) => string;
  readonly account?: (n: number) => string;
}

const LEADS_MS = 1200;
const TAKEOVER_MS = 38;
const DOWN_MS = 900;
const HANDLER_MS = 20;
/** Of a fleet that is not coordinated: the jobs that a paused node takes effect of again. */
const AGAIN = 12;

/**
 * A history as the lab records it: a node is killed when a third of the jobs is done, another is paused
 * when two thirds are, and one job in a hundred is enqueued twice. Without coordination what is enqueued
 * twice takes effect twice, and so does what the paused node had in its hands.
 */
export function exampleRun(options: ExampleOptions): RunToReport {
  const { mode, nodes = ['node-1', 'node-2', 'node-3'] } = options;
  const header: HistoryHeader = {
    ...{ history: 1, run: `example-${mode}`, mode, lane: 'bullmq', seed: 7, nodes: [...nodes] },
    startedAt: '2026-11-23T12:00:00.000Z',
    repeat: `npx understudy run failover --mode ${mode} --seed 7`,
    expect: {
      ...{ epochs: mode === 'active-passive', idempotency: mode !== 'uncoordinated' },
      ...{ ordered: false, balances: true, ttlMs: 2000, livenessBoundMs: 10_000, poison: [] },
      takeoverLimitMs: { kill: 500, pause: 3000 },
      schedule: [
        { id: 'f1', fault: 'kill', target: mode === 'active-passive' ? 'leader' : 'any' },
        { id: 'f2', fault: 'pause', target: 'any' },
      ],
    },
  };
  const operations = new Play(header, options, nodes).operations;
  const told = toldOf(header, operations);
  return { header, operations: [operations], told };
}

function toldOf(header: HistoryHeader, operations: readonly Operation[]): Told {
  const { checkers, ...verdict } = judge(header, operations);
  const subjects = violationsOf(checkers.map((each) => ({ ...each, totals: { ...each.totals } })));
  const { step, finish } = explainer(header, subjects);
  operations.forEach(step);
  const faults = operations.filter((operation) => operation.op === 'fault');
  const at = (id: string, phase: string): number =>
    faults.find((fault) => fault.id === id && fault.phase === phase)?.at ?? 0;
  return {
    ...verdict,
    ...{ run: header.run, mode: header.mode, seed: header.seed, nodes: header.nodes },
    ...{ experiment: 'failover', startedAt: header.startedAt, repeat: header.repeat ?? '' },
    versions: { understudy: '0.1.0', node: '24.21.0', redis: '7.0.15' },
    durationMs: Math.round(operations.at(-1)?.at ?? 0),
    checkers: checkers.map((each) => ({ ...each, totals: { ...each.totals } })),
    explanations: finish(),
    faults: header.expect.schedule.map(({ id, fault, target }) => ({
      ...{ id, fault, requested: target, landed: true, unfinished: 40 },
      target: faults.find((each) => each.id === id)?.target ?? '',
      evidence: fault === 'kill' ? 'pid 4711 ended by SIGKILL' : 'pid 4712 is in state T',
      injectedAt: at(id, 'inject'),
      landedAt: at(id, 'landed'),
      healedAt: at(id, 'healed'),
    })),
  };
}

/** Plays the run, moment by moment. */
class Play {
  readonly operations: Operation[] = [];
  readonly #mode: Mode;
  readonly #nodes: readonly string[];
  readonly #down = new Set<string>();
  readonly #sums = new Map<string, number>();
  readonly #prng: Prng = seededPrng(7);
  #leader: string;
  #epoch = 0;
  #position = 0;
  #at = 0;

  constructor(
    { mode, expect }: HistoryHeader,
    { jobs, rate = 400, jobId = (n) => `p-${n}`, account }: ExampleOptions,
    nodes: readonly string[],
  ) {
    this.#mode = mode;
    this.#nodes = nodes;
    this.#leader = nodes[0] ?? '';
    const accountOf = account ?? ((n: number) => `acc-${String(n % 40).padStart(3, '0')}`);
    this.#begin();
    this.#at = LEADS_MS;
    const stepMs = 1000 / rate;
    const [third, twoThirds] = [Math.ceil(jobs / 3), Math.ceil((jobs * 2) / 3)];
    const held: string[] = [];
    for (let n = 1; n <= jobs; n += 1) {
      this.#at += stepMs * (0.5 + this.#prng.float());
      if (n === third) this.#kill();
      if (n === third + Math.ceil(DOWN_MS / stepMs)) this.#restart();
      if (n === twoThirds) held.push(...this.#pause(n, jobs, jobId, accountOf));
      if (n === twoThirds + Math.ceil(DOWN_MS / stepMs))
        this.#wake(held.splice(0), accountOf(twoThirds));
      this.#job(jobId(n), accountOf(n), n);
    }
    this.#restart();
    this.#wake(held, accountOf(twoThirds));
    this.#end(expect.balances);
  }

  #begin(): void {
    for (const node of this.#nodes) {
      this.#at += 60;
      this.#state(node, 'starting');
    }
    for (const node of this.#nodes) {
      this.#at += 90;
      this.#state(node, this.#mode === 'active-passive' ? 'passive' : 'active');
    }
    if (this.#mode === 'active-passive') this.#lead(this.#leader);
    const detail = 'the fleet works';
    const body = { op: 'health', type: 'info', process: 'lab', healthy: true, detail } as const;
    this.#add({ ...body, phase: 'before-first-fault' });
  }

  #kill(): void {
    const victim = this.#leader;
    this.#fault('f1', 'kill', victim, 'inject');
    this.#at += 6;
    this.#down.add(victim);
    this.#fault('f1', 'kill', victim, 'landed');
    this.#state(victim, 'down');
    this.#at += TAKEOVER_MS - 10;
    this.#leader = this.#nodes[1] ?? victim;
    if (this.#mode === 'active-passive') this.#lead(this.#leader);
  }

  #restart(): void {
    const [victim = ''] = this.#nodes;
    if (!this.#down.delete(victim)) return;
    this.#state(victim, this.#mode === 'active-passive' ? 'passive' : 'active');
    this.#fault('f1', 'kill', victim, 'heal');
    this.#fault('f1', 'kill', victim, 'healed');
  }

  /** The jobs that the paused node had in its hands. */
  #pause(
    n: number,
    jobs: number,
    jobId: (n: number) => string,
    account: (n: number) => string,
  ): string[] {
    const node = this.#nodes[2] ?? '';
    const held = Array.from(
      { length: Math.min(AGAIN, jobs - n) },
      (_, index) => `${jobId(n)}~${index}`,
    );
    for (const job of held) {
      this.#enqueue(job, account(n));
      this.#attempt(job, node, 1);
    }
    this.#fault('f2', 'pause', node, 'inject');
    this.#at += 4;
    this.#fault('f2', 'pause', node, 'landed');
    this.#down.add(node);
    // Nobody waits for it: the others do its work.
    for (const job of held) {
      this.#at += 1;
      this.#attempt(job, this.#leader, 2);
      this.#effect(job, this.#leader, account(n));
    }
    return held;
  }

  #wake(held: readonly string[], account: string): void {
    const node = this.#nodes[2] ?? '';
    if (!this.#down.delete(node)) return;
    this.#fault('f2', 'pause', node, 'heal');
    this.#fault('f2', 'pause', node, 'healed');
    if (this.#mode !== 'uncoordinated') return;
    for (const job of held) {
      this.#at += 1;
      this.#effect(job, node, account);
    }
  }

  #job(job: string, account: string, n: number): void {
    const workers = this.#nodes.filter((node) => !this.#down.has(node));
    const node =
      this.#mode === 'active-passive' ? this.#leader : (workers[n % workers.length] ?? '');
    this.#enqueue(job, account);
    const twice = n % 100 === 50;
    if (twice) this.#enqueue(job, account, 2);
    this.#at += 0.3;
    this.#attempt(job, node, 1);
    this.#at += HANDLER_MS / 100;
    this.#effect(job, node, account);
    if (!twice) return;
    this.#attempt(job, node, 2);
    if (this.#mode === 'uncoordinated') this.#effect(job, node, account);
  }

  #enqueue(job: string, account: string, copy?: number): void {
    const body = {
      op: 'enqueue',
      process: 'producer-1',
      job,
      ...(copy === undefined ? {} : { copy }),
    } as const;
    this.#add({ ...body, type: 'invoke', account, amountCents: 1250 });
    this.#at += 0.2;
    this.#add({ ...body, type: 'ok' });
  }

  #attempt(job: string, node: string, n: number): void {
    const incarnation = `${node}/a`;
    this.#add({ op: 'attempt', type: 'invoke', process: node, node, incarnation, job, n });
  }

  #effect(job: string, node: string, account: string): void {
    this.#position += 1;
    this.#sums.set(account, (this.#sums.get(account) ?? 0) + 1250);
    this.#add({
      ...{ op: 'effect', type: 'ok', process: 'ledger', source: 'live', job, node, account },
      ...{ incarnation: `${node}/a`, position: this.#position, id: `${this.#position}-0` },
      amountCents: 1250,
      ...(this.#mode === 'uncoordinated' ? {} : { key: job }),
      ...(this.#mode === 'active-passive'
        ? { epoch: this.#epoch, term: `term-${this.#epoch}` }
        : {}),
    });
  }

  #lead(node: string): void {
    this.#epoch += 1;
    const body = { op: 'state', type: 'info', process: node, node, state: 'active' } as const;
    const tenure = { epoch: this.#epoch, term: `term-${this.#epoch}` };
    this.#add({ ...body, incarnation: `${node}/a`, ...tenure });
  }

  #state(node: string, state: 'starting' | 'passive' | 'active' | 'down'): void {
    const process = state === 'down' ? 'lab' : node;
    this.#add({ op: 'state', type: 'info', process, node, incarnation: `${node}/a`, state });
  }

  #fault(
    id: string,
    fault: string,
    target: string,
    phase: 'inject' | 'landed' | 'heal' | 'healed',
  ): void {
    this.#at += 0.5;
    const body = { op: 'fault', type: 'info', process: 'nemesis', requested: target } as const;
    const seen = phase === 'landed' ? { evidence: 'seen', unfinished: 40 } : {};
    this.#add({ ...body, id, fault, target, phase, ...seen });
  }

  #end(withBalances: boolean): void {
    this.#at += 200;
    const detail = 'the fleet works';
    const health = { op: 'health', type: 'info', process: 'lab', healthy: true, detail } as const;
    this.#add({ ...health, phase: 'after-last-heal' });
    this.#at += 400;
    const balances = Object.fromEntries(this.#sums);
    this.#add({
      ...{ op: 'end', type: 'ok', process: 'ledger', queue: {}, pendingJobs: [], parkedJobs: [] },
      ...(withBalances ? { balances } : {}),
      ...{ entriesAdded: this.#position, entriesRead: this.#position },
    });
  }

  #add(body: OperationBody): void {
    const at = Math.round(this.#at * 1000) / 1000;
    this.operations.push({ ...body, seq: this.operations.length + 1, at });
  }
}
