import type {
  EffectOperation,
  FaultOperation,
  HistoryHeader,
  Operation,
} from '@understudy/history';
import { disables } from './disabling.ts';
import { FaultsInForce } from './faults-in-force.ts';
import type { FleetView } from './fleet-view.ts';
import type { JobTable } from './job-table.ts';
import type { MissedTakeover, Takeovers } from './takeover-limit.ts';
import type { Takeover } from './verdict.ts';

/** The lead after a fault on the leader, until somebody's effect shows who has it now. */
interface Vacancy {
  readonly fault: FaultOperation;
  readonly incarnation: string | undefined;
  readonly epoch: number | undefined;
  readonly limitMs: number;
  /** Evidence may be recorded later than the successor's first effect. */
  landed: boolean;
  healedAt: number | undefined;
  /** The leader's own last effect since the fault. */
  lastOwnAt: number;
  excused: string | undefined;
  /** Effects of a successor were found by the read at the end only. */
  untimed: boolean;
  filled: boolean;
  takeover: Takeover | undefined;
  missed: MissedTakeover | undefined;
}

/**
 * Takeovers of the lead. The clock starts at `inject`; after a `stop`, which lets the leader finish
 * what it has, at its last effect. It does not run while there is nothing to do: an effect needs a
 * job, so it starts again when work arrives after a pause. A leader that goes on by itself (it was
 * paused for less than a takeover takes) makes no takeover; one that was away longer than the limit
 * with work waiting makes a missed one.
 */
export class LeaderTakeovers {
  readonly #header: HistoryHeader;
  readonly #jobs: JobTable;
  readonly #fleet: FleetView;
  readonly #inForce = new FaultsInForce();
  readonly #vacancies: Vacancy[] = [];
  /** Those of `#vacancies` that nobody has filled yet. */
  #open: Vacancy[] = [];

  constructor(header: HistoryHeader, jobs: JobTable, fleet: FleetView) {
    this.#header = header;
    this.#jobs = jobs;
    this.#fleet = fleet;
  }

  /** Takes the next operation; the job table has seen it already, the fleet has not. */
  step(operation: Operation): void {
    if (operation.op === 'fault') this.#fault(operation);
    else if (operation.op === 'store') this.#excuse(`the store ${operation.event} in between`);
    else if (operation.op === 'effect' && this.#open.length > 0) {
      for (const vacancy of this.#open) this.#effect(operation, vacancy);
      this.#open = this.#open.filter((vacancy) => !vacancy.filled);
    }
  }

  /** What is still vacant was missed, if there was work and time enough. */
  finish(): Takeovers {
    const waiting = this.#jobs.hasAcceptedWork();
    for (const vacancy of this.#open) {
      if (waiting || vacancy.untimed) this.#miss(vacancy, this.#jobs.lastAt);
    }
    // Without evidence that the fault landed nothing was taken over: `landed` reports it.
    const landed = this.#vacancies.filter((vacancy) => vacancy.landed);
    return {
      takeovers: landed.map(({ takeover }) => takeover).filter((found) => found !== undefined),
      missed: landed.map(({ missed }) => missed).filter((found) => found !== undefined),
    };
  }

  #fault(fault: FaultOperation): void {
    this.#inForce.step(fault);
    const own = this.#vacancies.find(
      (vacancy) => vacancy.fault.id === fault.id && vacancy.fault.target === fault.target,
    );
    switch (fault.phase) {
      case 'inject':
        this.#excuse(`${fault.id} (${fault.fault} ${fault.target}) came between`);
        if (!disables(fault)) break;
        if (fault.role === 'leader' || this.#fleet.isLeading(fault.target)) this.#vacate(fault);
        break;
      case 'landed':
        if (own) own.landed = true;
        break;
      case 'healed':
        if (own) own.healedAt = fault.at;
        break;
      case 'heal':
      case 'refused':
        break;
    }
  }

  #excuse(why: string): void {
    for (const vacancy of this.#open) vacancy.excused ??= why;
  }

  #vacate(fault: FaultOperation): void {
    const alone = !this.#fleet.hasAnotherThan(fault.target);
    const vacancy: Vacancy = {
      fault,
      incarnation: fault.incarnation ?? this.#fleet.incarnationOf(fault.target),
      epoch: this.#header.expect.epochs ? this.#fleet.epochOf(fault.target) : undefined,
      limitMs: this.#inForce.limitMs(this.#header, fault),
      landed: false,
      healedAt: undefined,
      lastOwnAt: fault.at,
      excused: alone ? 'no other node was there to take over' : undefined,
      untimed: false,
      filled: false,
      takeover: undefined,
      missed: undefined,
    };
    this.#vacancies.push(vacancy);
    this.#open.push(vacancy);
  }

  #effect(effect: EffectOperation, vacancy: Vacancy): void {
    if (this.#isOwn(effect, vacancy)) {
      if (effect.source === 'live') this.#ownEffect(effect, vacancy);
      return;
    }
    const higher = vacancy.epoch === undefined || (effect.epoch ?? 0) > vacancy.epoch;
    if (!higher) return;
    if (effect.source === 'final') {
      vacancy.untimed = true;
      return;
    }
    const { fault, limitMs, excused } = vacancy;
    vacancy.filled = true;
    vacancy.takeover = {
      faultId: fault.id,
      cause: fault.fault,
      from: fault.target,
      to: effect.node,
      ms: rounded(effect.at - this.#startAt(vacancy)),
      limitMs,
      at: effect.at,
      ...(excused === undefined ? {} : { excused }),
    };
  }

  #isOwn(effect: EffectOperation, { fault, incarnation }: Vacancy): boolean {
    if (effect.node !== fault.target) return false;
    const now = effect.incarnation ?? this.#fleet.incarnationOf(effect.node);
    return now === undefined || incarnation === undefined || now === incarnation;
  }

  /** Before the heal it drains, or its effect was seen late; after the heal it leads on. */
  #ownEffect(effect: EffectOperation, vacancy: Vacancy): void {
    if (vacancy.healedAt === undefined) {
      vacancy.lastOwnAt = effect.at;
      return;
    }
    vacancy.filled = true;
    this.#miss(vacancy, vacancy.healedAt);
  }

  /** Notes a takeover that should have been by `untilAt`, unless there was no time for one. */
  #miss(vacancy: Vacancy, untilAt: number): void {
    const { fault, limitMs, excused, untimed } = vacancy;
    const waitedMs = rounded(untilAt - this.#startAt(vacancy));
    if (excused !== undefined || waitedMs <= limitMs) return;
    const { id: faultId, fault: cause, target: from } = fault;
    vacancy.missed = { faultId, cause, from, waitedMs, limitMs, at: untilAt, untimed };
  }

  #startAt({ fault, lastOwnAt }: Vacancy): number {
    const freeAt = fault.fault === 'stop' ? lastOwnAt : fault.at;
    const { workSinceAt } = this.#jobs;
    return Number.isNaN(workSinceAt) ? freeAt : Math.max(freeAt, workSinceAt);
  }
}

/** To the microsecond: what is beyond is the noise of subtracting. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
