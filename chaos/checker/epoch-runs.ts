import type { EffectOperation } from '@understudy/history';

/** Effects at consecutive positions under one epoch by one holder. */
export interface EpochRun {
  readonly epoch: number;
  readonly term: string | undefined;
  readonly incarnation: string | undefined;
  readonly node: string;
  readonly fromPosition: number;
  toPosition: number;
  /** The first effect of the run: job, and when it was seen (ms). */
  readonly job: string;
  readonly at: number;
  readonly seq: number;
}

/** A run under a lower epoch than one before it in the ledger. */
export interface Decrease {
  readonly run: EpochRun;
  readonly highest: EpochRun;
}

/**
 * The epochs of the effect log in ledger order, kept as runs: a healthy log of any length is as
 * many runs as there were leaders. Effects may come in any order (those that only the read at the
 * end found come last).
 */
export class EpochRuns {
  readonly #runs: EpochRun[] = [];
  readonly #epochs = new Set<number>();
  #last: EpochRun | undefined;

  /** How many different epochs there are. */
  get epochs(): number {
    return this.#epochs.size;
  }

  /** Adds an effect; true when it went on with the run before it, so that nothing is new in it. */
  add(effect: EffectOperation, epoch: number): boolean {
    const { position, term, incarnation, node, job, at, seq } = effect;
    const last = this.#last;
    if (
      last &&
      last.toPosition + 1 === position &&
      last.epoch === epoch &&
      last.term === term &&
      last.node === node &&
      last.incarnation === incarnation
    ) {
      last.toPosition = position;
      return true;
    }
    const [fromPosition, toPosition] = [position, position];
    this.#last = { epoch, term, incarnation, node, fromPosition, toPosition, job, at, seq };
    this.#runs.push(this.#last);
    this.#epochs.add(epoch);
    return false;
  }

  /** Runs whose epoch is lower than one before them, and runs that begin at a taken position. */
  judge(): { decreases: Decrease[]; collisions: EpochRun[] } {
    const decreases: Decrease[] = [];
    const collisions: EpochRun[] = [];
    const ordered = this.#runs.toSorted((a, b) => a.fromPosition - b.fromPosition || a.seq - b.seq);
    let highest: EpochRun | undefined;
    let taken = 0;
    for (const run of ordered) {
      if (run.fromPosition <= taken) collisions.push(run);
      taken = Math.max(taken, run.toPosition);
      if (highest && run.epoch < highest.epoch) decreases.push({ run, highest });
      else highest = run;
    }
    return { decreases, collisions };
  }
}
