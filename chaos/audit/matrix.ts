import type { RunResult } from '../report/result.ts';
import { type AuditEntry, sabotageOf } from './entry.ts';

/**
 * What an entry came to.
 *
 * - `caught`: refuted by its anomaly, and the fleet with its protections passes the same
 * - `missed`: a judged run without the anomaly: the lab is blind there
 * - `not-the-saboteur`: the fleet with its protections is refuted as well
 * - `unclear`: a run that says nothing, of either fleet
 * - `not-run`: interrupted before
 */
export type AuditVerdict = 'caught' | 'missed' | 'not-the-saboteur' | 'unclear' | 'not-run';

/** The runs that were made for an entry. */
export interface AuditRuns {
  readonly sabotaged: RunResult | undefined;
  readonly twin: RunResult | undefined;
}

/** One line of the matrix. */
export interface AuditRow extends AuditRuns {
  readonly entry: AuditEntry;
  readonly verdict: AuditVerdict;
  /** Anomalies that refuted the sabotaged fleet, as `outcome: 3 duplicated`. */
  readonly found: readonly string[];
  /** The verdict in a sentence, for people. */
  readonly detail: string;
}

/** What the audit comes to. */
export type AuditStatus = 'pass' | 'fail' | 'inconclusive' | 'interrupted';

/** Judges one entry by the runs of both fleets. */
export function judgeEntry(entry: AuditEntry, runs: AuditRuns): AuditRow {
  const found = runs.sabotaged ? refutations(runs.sabotaged) : [];
  return { entry, ...runs, found, ...verdictOn(entry, runs, found) };
}

/** A blind spot or a fleet that does not hold, before a doubt, before a pass. */
export function statusOfAudit(rows: readonly AuditRow[]): AuditStatus {
  const verdicts = new Set(rows.map(({ verdict }) => verdict));
  if (verdicts.has('not-run')) return 'interrupted';
  if (verdicts.has('missed') || verdicts.has('not-the-saboteur')) return 'fail';
  return verdicts.has('caught') && verdicts.size === 1 ? 'pass' : 'inconclusive';
}

function verdictOn(
  entry: AuditEntry,
  { sabotaged, twin }: AuditRuns,
  found: readonly string[],
): Pick<AuditRow, 'verdict' | 'detail'> {
  if (!isOver(sabotaged) || !isOver(twin)) {
    return { verdict: 'not-run', detail: 'interrupted before both fleets were judged' };
  }
  const { checker, kind } = entry.expected;
  const wanted = `${checker}: ${kind}`;
  if (twin.status === 'fail') {
    const by = listed(refutations(twin));
    return {
      verdict: 'not-the-saboteur',
      detail: `the fleet with its protections was refuted as well (${by})`,
    };
  }
  if (isSeen(entry, sabotaged)) {
    return twin.status === 'pass'
      ? { verdict: 'caught', detail: `refuted by ${wanted}` }
      : { verdict: 'unclear', detail: `of the fleet with its protections: ${doubtOf(twin)}` };
  }
  if (isDoubtful(entry, sabotaged)) {
    return { verdict: 'unclear', detail: `${wanted} was not found, and ${doubtOf(sabotaged)}` };
  }
  const instead = found.length === 0 ? 'nothing refutes the run' : `only ${listed(found)}`;
  return {
    verdict: 'missed',
    detail: `the lab failed to see ${listed(sabotageOf(entry))}: expected ${wanted}, and ${instead}`,
  };
}

function isOver(run: RunResult | undefined): run is RunResult {
  return run !== undefined && run.status !== 'interrupted';
}

function isSeen({ expected }: AuditEntry, { checkers }: RunResult): boolean {
  return checkers.some(
    ({ checker, verdict, totals }) =>
      checker === expected.checker && verdict === 'fail' && (totals[expected.kind] ?? 0) > 0,
  );
}

/** Whether the anomaly may be missing because the faults did not land or the judge could not tell. */
function isDoubtful({ expected }: AuditEntry, { status, checkers }: RunResult): boolean {
  if (status === 'inconclusive') return true;
  return checkers.some(
    ({ checker, verdict }) =>
      verdict === 'inconclusive' && (checker === 'landed' || checker === expected.checker),
  );
}

function refutations({ checkers }: RunResult): readonly string[] {
  return checkers
    .filter(({ verdict }) => verdict === 'fail')
    .flatMap(({ checker, totals }) =>
      Object.entries(totals).map(([kind, total]) => `${checker}: ${total} ${kind}`),
    );
}

function doubtOf({ reason, checkers }: RunResult): string {
  const unclear = checkers.filter(({ verdict }) => verdict === 'inconclusive');
  const told = unclear.map(({ checker, reason: why }) => `${checker} cannot tell (${why ?? ''})`);
  return [...(reason === undefined ? [] : [reason]), ...told].join('; ') || 'it says nothing';
}

function listed(names: readonly string[]): string {
  return names.join(', ');
}
