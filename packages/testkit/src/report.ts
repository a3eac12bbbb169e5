import { type Explanation, explainInversion, explainTakeover, explanationLines } from 'understudy';
import type { RunResult } from 'understudy';
import type { Assertion } from './assertion.ts';
import { replayCommand, shown, testCommand } from './replay.ts';

const JOBS_SHOWN = 10;
const ANOMALIES_SHOWN = 5;

type CheckerName = RunResult['checkers'][number]['checker'];

/** What a failing matcher tells of. */
export interface Failure {
  /** `the run to be exactly once`, or its negation. */
  readonly expectation: string;
  readonly assertion: Assertion;
  readonly run: RunResult;
  /** Whose violations say most about it; others are told where these have none. */
  readonly about: readonly CheckerName[];
  /** The test as vitest knows it, where it does. */
  readonly test: { readonly path: string; readonly name: string } | undefined;
}

/**
 * What a failing matcher prints: what was expected, what was found, which jobs it concerns, what
 * happened around the first violation, and how to look and to try again.
 */
export function failureMessage({ expectation, assertion, run, about, test }: Failure): string {
  const explanation = violationIn(run, about);
  const lines = [
    assertion.kind === 'unknown'
      ? `this run can neither satisfy nor refute: ${expectation}`
      : `expected ${expectation}`,
    assertion.detail,
    ...jobsConcerned(run),
    ...firstAnomalies(run),
    ...(explanation ? ['', ...explanationLines(explanation), ''] : []),
    `${run.experiment} · ${run.mode}${run.lane === 'stream' ? ' · lane stream' : ''} · seed ${run.seed} · ${run.status}`,
    `run: ${shown(run.directory)}`,
    `replay: ${replayCommand(run)}`,
    ...(test ? [`again: ${testCommand(test.path, test.name)}`] : []),
  ];
  return lines.join('\n');
}

function jobsConcerned({ counts }: RunResult): string[] {
  if (!counts) return [];
  const lists = {
    duplicated: counts.duplicatedJobs,
    lost: counts.lostJobs,
    unexpected: counts.unexpectedJobs,
  };
  return Object.entries(lists).flatMap(([name, jobs]) => {
    if (jobs.length === 0) return [];
    const more = jobs.length > JOBS_SHOWN ? ', …' : '';
    return [`${name}: ${jobs.slice(0, JOBS_SHOWN).join(', ')}${more}`];
  });
}

function firstAnomalies({ checkers }: RunResult): string[] {
  return checkers
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive')
    .flatMap(({ anomalies }) => anomalies)
    .slice(0, ANOMALIES_SHOWN)
    .map(({ kind, detail }) => `- ${kind}: ${detail}`);
}

/** The first violation that bears on the assertion; the lab explains those that it judged itself. */
function violationIn(run: RunResult, about: readonly CheckerName[]): Explanation | undefined {
  const { explanations = [] } = run;
  const judged = explanations.find(({ checker }) => about.includes(checker));
  return judged ?? unjudged(run, about) ?? explanations.at(0);
}

/** Order where no lane promises it, and takeovers that only the test finds too slow. */
function unjudged(run: RunResult, about: readonly CheckerName[]): Explanation | undefined {
  if (about.includes('order') && (run.counts?.inversions ?? 0) > 0) return explainInversion(run);
  const slowest = run.takeovers
    .filter(({ excused }) => excused === undefined)
    .toSorted((a, b) => b.ms - a.ms)
    .at(0);
  return about.includes('liveness') && slowest ? explainTakeover(run, slowest) : undefined;
}
