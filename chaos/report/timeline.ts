import type { EffectOperation, Operation } from '@understudy/history';

/** Effects that nobody asked about, by one node under one epoch, between two entries. */
export interface OtherEffects {
  readonly node: string;
  readonly epoch: number | undefined;
  count: number;
  /** Lowest and highest position in ledger order. */
  from: number;
  to: number;
}

/** What else took effect between two operations that matter. */
interface Gap {
  readonly kind: 'others';
  /** When the first of them was seen. */
  readonly at: number;
  readonly effects: OtherEffects[];
}

/** An operation that matters by itself, or what else took effect between two of those. */
export type Entry = { readonly kind: 'operation'; readonly operation: Operation } | Gap;

/** Whether an operation bears on something that is to be explained. */
export type Bears = (operation: Operation) => boolean;

/**
 * A history cut down to what an explanation is told from: states, faults and whatever else is rare
 * is kept as it is, and so is what bears on a subject; the other effects between two of those are
 * counted. Memory grows with the faults and the subjects, not with the jobs.
 */
export class Timeline {
  readonly entries: Entry[] = [];
  readonly #subjects: readonly Bears[];

  constructor(subjects: readonly Bears[]) {
    this.#subjects = subjects;
  }

  /** Takes the next operation. */
  step(operation: Operation): void {
    if (isRare(operation) || this.#subjects.some((bears) => bears(operation))) {
      this.entries.push({ kind: 'operation', operation });
    } else if (operation.op === 'effect') {
      addToGap(this.entries, operation);
    }
  }

  /** The entries as one subject sees them: what bears on the others alone is counted as well. */
  seenBy(bears: Bears): Entry[] {
    const seen: Entry[] = [];
    for (const entry of this.entries) {
      if (entry.kind === 'others')
        for (const effects of entry.effects) mergeGap(seen, entry.at, effects);
      else if (isRare(entry.operation) || bears(entry.operation)) seen.push(entry);
      else if (entry.operation.op === 'effect') addToGap(seen, entry.operation);
    }
    return seen;
  }
}

/** What happens so seldom that all of it is kept. */
function isRare({ op }: Operation): boolean {
  return op !== 'enqueue' && op !== 'attempt' && op !== 'effect' && op !== 'parked';
}

function addToGap(entries: Entry[], { at, node, epoch, position }: EffectOperation): void {
  mergeGap(entries, at, { node, epoch, count: 1, from: position, to: position });
}

function mergeGap(entries: Entry[], at: number, more: OtherEffects): void {
  const { effects } = openGap(entries, at);
  const same = effects.find(({ node, epoch }) => node === more.node && epoch === more.epoch);
  if (!same) {
    effects.push({ ...more });
    return;
  }
  same.count += more.count;
  same.from = Math.min(same.from, more.from);
  same.to = Math.max(same.to, more.to);
}

/** The gap at the end of the entries, which is begun where there is none. */
function openGap(entries: Entry[], at: number): Gap {
  const last = entries.at(-1);
  if (last?.kind === 'others') return last;
  const gap: Gap = { kind: 'others', at, effects: [] };
  entries.push(gap);
  return gap;
}
