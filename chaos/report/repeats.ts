import type { Chronicle, EffectMark, JobMark } from './chronicle.ts';

/** What a history shows of jobs that reached nodes more than once. */
export interface Repeats {
  /** Jobs attempted more than once. */
  readonly repeated: number;
  /** Those of them attempted by two nodes or more. */
  readonly acrossNodes: number;
  /** Jobs whose enqueueing was acknowledged more than once. */
  readonly enqueuedTwice: number;
  /** Attempts that could have made a second effect and made none. */
  readonly suppressed: number;
  /** Jobs with more than one effect, in ledger order of their second one. */
  readonly twice: readonly DoubledJob[];
  /** Nodes that attempted a job which was attempted more than once. */
  readonly nodes: ReadonlySet<string>;
}

/** A job that took effect more than once. */
export interface DoubledJob {
  readonly job: string;
  /** All its effects, in ledger order. */
  readonly effects: readonly EffectMark[];
}

/** Reads the repeats out of a history. */
export function repeatsOf(chronicle: Chronicle): Repeats {
  const nodes = new Set<string>();
  const twice: DoubledJob[] = [];
  const leavings = leavingsOf(chronicle);
  let [repeated, acrossNodes, enqueuedTwice, suppressed] = [0, 0, 0, 0];
  for (const [id, job] of chronicle.jobs) {
    if (job.enqueued > 1) enqueuedTwice += 1;
    if (job.effects.length > 1) twice.push({ job: id, effects: job.effects });
    if (job.attempts.length < 2) continue;
    repeated += 1;
    const by = new Set(job.attempts.map(({ node }) => node));
    if (by.size > 1) acrossNodes += 1;
    for (const node of by) nodes.add(node);
    suppressed += suppressedAttempts(job, leavings);
  }
  const second = ({ effects }: DoubledJob): number => effects[1]?.position ?? 0;
  twice.sort((a, b) => second(a) - second(b));
  return { repeated, acrossNodes, enqueuedTwice, suppressed, twice, nodes };
}

/** What the second effects of a run credited too much, in cents. */
export function surplusCents(twice: readonly DoubledJob[]): number {
  return twice
    .flatMap(({ effects }) => effects.slice(1))
    .reduce((sum, { amountCents }) => sum + amountCents, 0);
}

/**
 * Of the attempts at a job with one effect: all but the one that made it and those whose node
 * left in the meantime, because they never came to commit.
 */
function suppressedAttempts(
  job: JobMark,
  leavings: ReadonlyMap<string, readonly number[]>,
): number {
  const [effect] = job.effects;
  if (!effect) return 0;
  const own = job.attempts.filter(({ node }) => node === effect.node);
  const maker = own.findLast(({ at }) => at <= effect.at) ?? own[0];
  const others = job.attempts.filter((attempt) => attempt !== maker);
  const suppressed = others.filter(
    ({ node, at }) =>
      at >= effect.at || !leavings.get(node)?.some((left) => left >= at && left <= effect.at),
  );
  return Math.max(0, suppressed.length - (job.effects.length - 1));
}

/** When each node went away: died, or began to hand back what it had. */
function leavingsOf(chronicle: Chronicle): ReadonlyMap<string, readonly number[]> {
  const leavings = new Map<string, number[]>();
  for (const { node, state, at } of chronicle.states) {
    if (state !== 'down' && state !== 'draining') continue;
    const times = leavings.get(node) ?? [];
    times.push(at);
    leavings.set(node, times);
  }
  return leavings;
}
