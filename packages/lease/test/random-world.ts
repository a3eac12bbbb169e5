import type { EpochReading, MintOutcome } from '@understudy/lease';
import { createdState } from '../src/memory.ts';
import { leaseSettings } from '../src/settings.ts';
import type { Happening, LeaseEffect, LeaseState, Moment, Step } from '../src/state.ts';
import { transition, wakeAtMs } from '../src/transition.ts';

/** One decision of a random world: which of the things that may happen next does, and how. */
export interface Choice {
  readonly action: number;
  readonly outcome: number;
  readonly waitMs: number;
}

/** One transition, with what went before and came after. */
export interface Passage {
  readonly before: LeaseState;
  readonly happening: Happening;
  readonly at: Moment;
  readonly step: Step;
}

export const SETTINGS = leaseSettings({ ttlMs: 600, silenceMs: 300, commandTimeoutMs: 100 });
const NODES = 3;

/**
 * A world around one lease in which anything may happen: answers come in any order, late, lost,
 * good or bad; the store restarts and forgets; others mint. It keeps to the contracts of the
 * effects (every one is answered at most once) and to nothing else.
 */
export class RandomWorld {
  readonly passages: Passage[] = [];
  #state: LeaseState = createdState(SETTINGS, NODES);
  #nowMs = 1000;
  #terms = 0;
  #pending: LeaseEffect[] = [];
  #store = { epoch: 0, term: null as string | null, runId: 'store-1' };
  #storeRuns = 1;
  #storeSilent = false;
  #lastAnswerMs = 1000;
  /** What the lock nodes say the lease's standing is. */
  #standing: 'free' | 'gone' | 'held' = 'free';
  #beat = 0;

  get state(): LeaseState {
    return this.#state;
  }

  /** Runs the world through `choices`. Each is one happening. */
  run(choices: readonly Choice[]): void {
    this.#happen({ type: 'start' });
    for (const choice of choices) this.#choose(choice);
  }

  /** Lets something happen. */
  #choose({ action, outcome, waitMs }: Choice): void {
    this.#nowMs += waitMs / 10;
    const pending = this.#pending.shift();
    if (pending && action % 10 < 6) return this.#answer(pending, outcome);
    if (pending) this.#pending.push(pending);
    switch (action % 20) {
      case 17:
        this.#nowMs += waitMs * 10;
        return this.#happen({ type: 'tick' });
      case 18:
        return this.#befall(outcome);
      case 19:
        return this.#disturb(outcome);
      default:
        this.#nowMs = Math.max(this.#nowMs, wakeAtMs(this.#state) ?? this.#nowMs);
        return this.#happen({ type: 'tick' });
    }
  }

  /** What others and the machinery do. */
  #befall(outcome: number): void {
    switch (outcome % 6) {
      case 0:
        this.#standing = 'held';
        this.#beat += 1;
        return;
      case 1:
        this.#standing = outcome % 4 === 1 ? 'gone' : 'free';
        return;
      case 2:
        this.#store = { ...this.#store, epoch: this.#store.epoch + 1, term: 'another' };
        return;
      case 3:
        this.#storeRuns += 1;
        this.#store = { epoch: outcome % 3, term: null, runId: `store-${this.#storeRuns}` };
        return this.#happen({ type: 'store-ready', runId: this.#store.runId });
      case 4:
        this.#storeSilent = !this.#storeSilent;
        return;
      default:
        return this.#happen({ type: 'node-returned' });
    }
  }

  /** Events out of the blue: of no term, of an old one, of the present one. */
  #disturb(outcome: number): void {
    const term = `t${1 + (outcome % Math.max(1, this.#terms))}`;
    const strays: Happening[] = [
      { type: 'fenced', token: { epoch: outcome, term } },
      { type: 'acquired', term },
      { type: 'acquire-refused', term, nowhere: outcome % 2 === 0 },
      { type: 'extended', term },
      { type: 'extend-refused', term, elsewhere: outcome % 4 },
      { type: 'released', term, told: outcome % 2 === 0 },
      { type: 'prepared', term: `stray-${this.passages.length}` },
      { type: 'beaten', term, node: outcome % NODES, found: outcome % 2 ? 'other' : 'absent' },
      { type: 'probed', node: outcome % NODES, answer: undefined },
      { type: 'glanced', node: outcome % NODES, answer: { holder: 0, contenders: 3 } },
      { type: 'depose-settled', removed: outcome % 4 },
      { type: 'given-back' },
      { type: 'start' },
    ];
    // Stopping ends the world: rare.
    if (outcome % 40 === 39) return this.#happen({ type: 'stop' });
    return this.#happen(strays[outcome % strays.length] as Happening);
  }

  #answer(effect: LeaseEffect, outcome: number): void {
    const well = outcome % 8 !== 0;
    switch (effect.type) {
      case 'probe':
        return this.#happen({
          type: 'probed',
          node: effect.node,
          answer: well ? this.#probeAnswer(outcome) : undefined,
        });
      case 'glance': {
        const holder = this.#standing === 'held' ? 1 : 0;
        const answer = well ? { holder, contenders: 1 + (outcome % 12) } : undefined;
        return this.#happen({ type: 'glanced', node: effect.node, answer });
      }
      case 'read-epoch': {
        const reading: EpochReading | undefined = this.#heard(well) ? this.#store : undefined;
        return this.#happen({ type: 'epoch-read', purpose: effect.purpose, reading });
      }
      case 'prepare':
        this.#terms += 1;
        return this.#happen({ type: 'prepared', term: `t${this.#terms}` });
      case 'depose':
        return this.#happen({ type: 'depose-settled', removed: outcome % (NODES + 1) });
      case 'acquire':
        return this.#happen(
          well
            ? { type: 'acquired', term: effect.term }
            : { type: 'acquire-refused', term: effect.term, nowhere: (outcome >> 3) % 2 === 0 },
        );
      case 'extend':
        return this.#happen(
          well
            ? { type: 'extended', term: effect.term }
            : { type: 'extend-refused', term: effect.term, elsewhere: (outcome >> 3) % 4 },
        );
      case 'mint': {
        const answer = this.#mint(effect.request);
        const heard = this.#heard(well);
        // Whose answer is lost may be overtaken before it asks again.
        if (!heard && outcome % 3 === 0) this.#befall(2);
        return this.#happen({
          type: 'mint-settled',
          term: effect.request.term,
          outcome: heard ? answer : { status: 'unknown' },
        });
      }
      case 'beat':
        return this.#happen({
          type: 'beaten',
          term: effect.term,
          node: outcome % NODES,
          found: well ? 'ours' : outcome % 3 ? 'absent' : 'other',
        });
      case 'release':
        return this.#happen({ type: 'released', term: effect.term, told: outcome % 2 === 0 });
      case 'drop-presence':
      case 'report-false-takeover':
      case 'lead':
      case 'yield':
      case 'tell-regression':
      case 'close':
        return;
    }
  }

  #heard(well: boolean): boolean {
    if (!well || this.#storeSilent) return false;
    this.#lastAnswerMs = this.#nowMs;
    return true;
  }

  #probeAnswer(outcome: number): Extract<Happening, { type: 'probed' }>['answer'] {
    return {
      standing: this.#standing,
      value: this.#standing === 'free' ? '' : 'somebody',
      beat: this.#standing === 'free' ? -1 : this.#beat,
      // Also by a clock that was set meanwhile.
      beatAgeMs: (outcome % 100) * 10 - 100,
      leftMs: 400,
      knownEpoch: 0,
      silenceMs: 0,
      silenceLeftMs: -2,
      channel: this.#standing === 'free' ? '' : 'channel',
      runId: 'lock',
    };
  }

  #mint(request: Extract<LeaseEffect, { type: 'mint' }>['request']): MintOutcome {
    if (request.runId !== this.#store.runId) return { status: 'store-changed' };
    const { epoch, term } = this.#store;
    if (term === request.term) return { status: 'minted', epoch };
    if (epoch !== request.expected) return { status: 'mismatch', epoch };
    const minted = Math.max(request.expected, request.floor) + 1;
    this.#store = { ...this.#store, epoch: minted, term: request.term };
    return { status: 'minted', epoch: minted };
  }

  #happen(happening: Happening): void {
    const at: Moment = {
      nowMs: this.#nowMs,
      chance: (this.passages.length % 7) / 7,
      ledger: { runId: this.#store.runId, lastAnswerMs: this.#lastAnswerMs },
    };
    const before = this.#state;
    const step = transition(before, { ...happening, at });
    this.#state = step.state;
    this.passages.push({ before, happening, at, step });
    for (const effect of step.effects) {
      // A heartbeat is answered by each lock node.
      if (effect.type === 'beat') this.#pending.push(effect, effect, effect);
      else this.#pending.push(effect);
    }
  }
}
