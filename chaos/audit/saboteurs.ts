import type { Lane } from '../workload/lane.ts';

/** A protection that this repository's worker can be told to go without. */
export interface SaboteurDescription {
  /** What the worker knows it as. */
  readonly name: string;
  /** Which protection it takes away, with the numbers of the rules in docs/ARCHITECTURE.md. */
  readonly removes: string;
  /** The lane whose promise it breaks. Absent: it is at work on every lane. */
  readonly lane?: Lane;
}

/**
 * Every saboteur, as the lab knows them: by name. What they do is the worker's business; that both
 * know the same names is held by a test.
 */
export const saboteurs = [
  {
    name: 'no-fencing',
    removes:
      'the comparison of the fencing token at the commit, on the stream lane at the fetch too (L4)',
  },
  { name: 'no-idempotency', removes: 'the idempotency key (C1)' },
  {
    name: 'ack-before-commit',
    removes: 'the order of commit and completion: jobs are completed as they are fetched',
  },
  { name: 'commit-not-atomic', removes: 'the one script of a commit: its steps are trips (C1)' },
  { name: 'check-then-set', removes: 'looking at the key and setting it at one moment (C1)' },
  { name: 'no-recovery', removes: 'the taking back of jobs that the dead held (R1, R2)' },
  { name: 'steal-from-the-living', removes: 'the proof that a job’s holder is dead (R1)' },
  { name: 'no-renewal', removes: 'the renewal of the lease (L2, L8)' },
  { name: 'stale-leader-continues', removes: 'the end of work with the end of the term (L2)' },
  { name: 'plain-increment-mint', removes: 'the condition under which an epoch is minted (L3)' },
  { name: 'fenced-leader-stays', removes: 'the stepping down of a leader that was fenced (L6)' },
  {
    name: 'out-of-order',
    removes: 'one attempt for an account at a time, in the order of enqueueing (stream lane)',
    lane: 'stream',
  },
] as const satisfies readonly SaboteurDescription[];

/** The name of a saboteur. */
export type SaboteurName = (typeof saboteurs)[number]['name'];

/**
 * Those of some saboteurs that would take nothing away, because the lane promises nothing of the kind.
 */
export function idleSaboteurs(
  names: readonly string[],
  lane: Lane,
): readonly SaboteurDescription[] {
  const all: readonly SaboteurDescription[] = saboteurs;
  return all.filter((each) => names.includes(each.name) && (each.lane ?? lane) !== lane);
}

/** The names of all saboteurs, for lists and for finding the nearest one. */
export const saboteurNames: readonly SaboteurName[] = saboteurs.map(({ name }) => name);
