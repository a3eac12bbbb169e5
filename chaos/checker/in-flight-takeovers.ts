import type {
  AttemptOperation,
  EffectOperation,
  FaultOperation,
  HistoryHeader,
  Operation,
} from '@understudy/history';
import { disables } from './disabling.ts';
import { FaultsInForce } from './faults-in-force.ts';
import type { FleetView } from './fleet-view.ts';
import type { JobTable } from './job-table.ts';
import type { Takeovers } from './takeover-limit.ts';
import type { Takeover } from './verdict.ts';

/** The jobs a node left behind when it was hit. */
interface Estate {
  readonly fault: FaultOperation;
  readonly incarnation: string | undefined;
  readonly limitMs: number;
  /** Jobs in flight at the node, without an effect so far. */
  readonly waiting: Set<number>;
  landed: boolean;
  healed: boolean;
  /** The last effect so far of a job that another incarnation took over. */
  last: { readonly to: string; readonly at: number } | undefined;
  excused: string | undefined;
}

/**
 * Takeovers of jobs in flight, where all nodes work: after a `kill` or a `pause`, the jobs the node
 * had attempted and that had no effect. The takeover lasts until the last of them took effect by
 * another incarnation; those that the node finishes itself once it wakes are not taken over. A
 * `stop` hands back or finishes what is in flight, so it leaves nothing. Attempts are known from
 * the nodes themselves: of a node that prints nothing, no takeover is seen.
 */
export class InFlightTakeovers {
  readonly #header: HistoryHeader;
  readonly #jobs: JobTable;
  readonly #fleet: FleetView;
  readonly #inForce = new FaultsInForce();
  readonly #estates: Estate[] = [];
  /** Those that may still change. */
  #open: Estate[] = [];
  readonly #inFlight = new Map<string, Set<number>>();
  /** Which node attempted a job last. */
  readonly #attemptedBy = new Map<number, string>();

  constructor(header: HistoryHeader, jobs: JobTable, fleet: FleetView) {
    this.#header = header;
    this.#jobs = jobs;
    this.#fleet = fleet;
  }

  /** Takes the next operation; the job table has seen it already, the fleet has not. */
  step(operation: Operation, job: number): void {
    switch (operation.op) {
      case 'attempt':
        this.#attempt(operation, job);
        break;
      case 'effect':
        this.#leave(job);
        for (const estate of this.#open)
          if (estate.waiting.delete(job)) this.#effect(operation, estate);
        break;
      case 'parked':
        this.#leave(job);
        for (const estate of this.#open) estate.waiting.delete(job);
        break;
      case 'fault':
        this.#fault(operation);
        break;
      case 'store':
        this.#excuse(`the store ${operation.event} in between`);
        break;
      default:
        break;
    }
  }

  /** Jobs that nobody took over have no effect: `liveness` finds them one by one. */
  finish(): Takeovers {
    const takeovers: Takeover[] = [];
    for (const { fault, limitMs, landed, last, excused } of this.#estates) {
      if (!landed || !last) continue;
      takeovers.push({
        faultId: fault.id,
        cause: fault.fault,
        from: fault.target,
        to: last.to,
        ms: Math.round((last.at - fault.at) * 1000) / 1000,
        limitMs,
        at: last.at,
        ...(excused === undefined ? {} : { excused }),
      });
    }
    return { takeovers, missed: [] };
  }

  #attempt(attempt: AttemptOperation, job: number): void {
    if (this.#jobs.effects[job]! > 0 || this.#jobs.isPoison(job)) return;
    this.#leave(job);
    this.#attemptedBy.set(job, attempt.node);
    let jobs = this.#inFlight.get(attempt.node);
    if (!jobs) this.#inFlight.set(attempt.node, (jobs = new Set()));
    jobs.add(job);
    for (const estate of this.#open) {
      // What the node printed before it was hit may be read after.
      if (!estate.healed && this.#isOwn(attempt, estate)) estate.waiting.add(job);
    }
  }

  #leave(job: number): void {
    const node = this.#attemptedBy.get(job);
    if (node === undefined) return;
    this.#attemptedBy.delete(job);
    this.#inFlight.get(node)?.delete(job);
  }

  #effect(effect: EffectOperation, estate: Estate): void {
    const takenOver = !this.#isOwn(effect, estate) && effect.source === 'live';
    if (takenOver) estate.last = { to: effect.node, at: effect.at };
  }

  #fault(fault: FaultOperation): void {
    this.#inForce.step(fault);
    const own = this.#open.find(
      (estate) => estate.fault.id === fault.id && estate.fault.target === fault.target,
    );
    switch (fault.phase) {
      case 'inject':
        this.#excuse(`${fault.id} (${fault.fault} ${fault.target}) came between`);
        if (fault.fault !== 'stop' && disables(fault)) this.#bequeath(fault);
        break;
      case 'landed':
        if (own) own.landed = true;
        break;
      case 'healed':
        if (own) own.healed = true;
        this.#open = this.#open.filter((estate) => !estate.healed || estate.waiting.size > 0);
        break;
      case 'heal':
      case 'refused':
        break;
    }
  }

  #excuse(why: string): void {
    for (const estate of this.#open) if (estate.waiting.size > 0) estate.excused ??= why;
  }

  #bequeath(fault: FaultOperation): void {
    const alone = !this.#fleet.hasAnotherThan(fault.target);
    const estate: Estate = {
      fault,
      incarnation: fault.incarnation ?? this.#fleet.incarnationOf(fault.target),
      limitMs: this.#inForce.limitMs(this.#header, fault),
      waiting: new Set(this.#inFlight.get(fault.target)),
      landed: false,
      healed: false,
      last: undefined,
      excused: alone ? 'no other node was there to take over' : undefined,
    };
    this.#estates.push(estate);
    this.#open.push(estate);
  }

  #isOwn(operation: AttemptOperation | EffectOperation, { fault, incarnation }: Estate): boolean {
    if (operation.node !== fault.target) return false;
    const now = operation.incarnation ?? this.#fleet.incarnationOf(operation.node);
    return now === undefined || incarnation === undefined || now === incarnation;
  }
}
