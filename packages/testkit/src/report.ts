import { relative } from 'node:path';
import type { RunResult } from 'understudy';
import type { Assertion } from './assertion.ts';

const JOBS_SHOWN = 10;
const ANOMALIES_SHOWN = 5;

/** What a failing matcher prints: what was expected, what was found, and where to look. */
export function failureMessage(expectation: string, assertion: Assertion, run: RunResult): string {
  const lines = [
    assertion.kind === 'unknown'
      ? `this run can neither satisfy nor refute: ${expectation}`
      : `expected ${expectation}`,
    assertion.detail,
    ...jobsConcerned(run),
    ...firstAnomalies(run),
    `${run.experiment} · ${run.mode} · seed ${run.seed} · ${run.status}`,
    `run: ${relative(process.cwd(), run.directory) || run.directory}`,
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
