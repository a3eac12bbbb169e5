import type { FaultOperation, HealthOperation, Operation, PlannedFault } from '@understudy/history';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { Findings } from './findings.ts';

/**
 * Whether the run tested what it was meant to test. Every fault that was planned must have landed,
 * with evidence from outside the node, on a fleet that was healthy before the first one, and while
 * jobs were unfinished. What is missing never refutes the fleet, but a pass would say nothing.
 */
export const landed: Checker = {
  name: 'landed',
  expectation: 'every planned fault lands, with evidence, while jobs are unfinished',
  applies: () => true,
  start: (views) => new LandedRun(views),
};

/** One fault on one node. */
interface Injection {
  readonly fault: FaultOperation;
  landing: FaultOperation | undefined;
  refusal: FaultOperation | undefined;
  /** Whether, by the history itself, work was there when it landed or came afterwards. */
  hadWork: boolean;
}

class LandedRun implements CheckerRun {
  readonly #views: Views;
  readonly #findings = new Findings();
  readonly #injections = new Map<string, Injection>();
  /** Those that landed before any work was seen. */
  #waitingForWork: Injection[] = [];

  constructor(views: Views) {
    this.#views = views;
  }

  step(operation: Operation): void {
    if (operation.op === 'fault') this.#fault(operation);
    else if (operation.op === 'health') this.#health(operation);
    else if (operation.op === 'enqueue' && this.#waitingForWork.length > 0) {
      for (const injection of this.#waitingForWork) injection.hadWork = true;
      this.#waitingForWork = [];
    }
  }

  finish(): CheckerFinding {
    const { header, jobs } = this.#views;
    const planned = header.expect.schedule;
    for (const plan of planned) this.#judgePlan(plan);
    for (const injection of this.#injections.values()) this.#judge(injection);
    for (const node of jobs.end?.withoutTraffic ?? []) this.#judgeSilence(node);
    if (jobs.accepted === 0 && jobs.effectEntries === 0) {
      this.#doubt('no-job', 'no job was accepted and none took effect');
    }
    const injections = [...this.#injections.values()];
    const landings = injections.filter(({ landing }) => landing !== undefined).length;
    const observed =
      planned.length === 0 && injections.length === 0
        ? 'no fault planned'
        : `${landings} of ${Math.max(planned.length, injections.length)} landed`;
    return { findings: this.#findings, limit: planned.length, observed };
  }

  #fault(fault: FaultOperation): void {
    const key = JSON.stringify([fault.id, fault.target]);
    let injection = this.#injections.get(key);
    if (!injection) {
      injection = { fault, landing: undefined, refusal: undefined, hadWork: false };
      this.#injections.set(key, injection);
    }
    // Evidence comes a moment after the fact: work that was there at `inject` counts as well.
    injection.hadWork ||= this.#views.jobs.outstanding > 0;
    if (fault.phase === 'refused') injection.refusal = fault;
    if (fault.phase !== 'landed' || injection.landing) return;
    injection.landing = fault;
    if (!injection.hadWork) this.#waitingForWork.push(injection);
  }

  #health({ phase, healthy, detail, at }: HealthOperation): void {
    if (phase === 'before-first-fault' && !healthy) {
      const told = `the fleet was not healthy before the first fault: ${detail}`;
      this.#findings.add('inconclusive', { kind: 'unhealthy-before', at, detail: told });
    }
  }

  #judgePlan({ id, fault, target }: PlannedFault): void {
    const injections = [...this.#injections.values()].map((injection) => injection.fault);
    const seen = injections.some((found) => found.id === id && found.fault === fault);
    if (!seen) this.#doubt('never-fired', `${id} (${fault} ${target}) was planned and never fired`);
  }

  #judgeSilence(node: string): void {
    const detail = `${node} never sent a byte to the Redis that it was given: it ignores REDIS_URL, so this run says nothing of it. Let the worker connect to the URL in its environment variable REDIS_URL`;
    this.#findings.add('inconclusive', { kind: 'ignores-redis-url', node, detail });
  }

  #judge({ fault, landing, refusal, hadWork }: Injection): void {
    const told = `${fault.id} (${fault.fault} ${fault.target})`;
    if (refusal) {
      this.#doubt(
        'refused',
        `${told} was refused: ${refusal.evidence ?? 'no reason given'}`,
        fault,
      );
    } else if (!landing) {
      this.#doubt('not-landed', `${told} was injected and not seen to land`, fault);
    } else if (!landing.evidence) {
      this.#doubt('no-evidence', `${told} is said to have landed, without evidence`, landing);
    } else if (landing.unfinished === 0 || (landing.unfinished === undefined && !hadWork)) {
      this.#doubt('no-work', `${told} landed when no job was unfinished`, landing);
    }
  }

  #doubt(kind: string, detail: string, fault?: FaultOperation): void {
    const where = fault ? { node: fault.target, at: fault.at } : {};
    this.#findings.add('inconclusive', { kind, ...where, detail });
  }
}
