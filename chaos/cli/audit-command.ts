import { type AuditChoice, chosenEntries } from '../audit/catalogue.ts';
import { type AuditEntry, sabotageOf, twinOf } from '../audit/entry.ts';
import { type AuditRow, type AuditStatus, judgeEntry, statusOfAudit } from '../audit/matrix.ts';
import { saboteurs } from '../audit/saboteurs.ts';
import { renderAudit } from '../report/audit-report.ts';
import { suiteOfAudit } from '../report/audit-suite.ts';
import type { RunResult } from '../report/result.ts';
import { firstJobs } from '../workload/input.ts';
import type { Payment } from '../workload/payment.ts';
import { exitStatusOf } from './exit-status.ts';
import { makeRuns } from './lab-session.ts';
import { startReporting } from './reporting.ts';
import { jobsOf, type RunRequest } from './requests.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The options of `audit`, as commander gives them. */
export interface AuditFlags extends Pick<RunFlags, 'reporter' | 'quiet'>, AuditChoice {
  /** How many runs are made at a time. Default 2: they wait a lot, and none is judged by its pace. */
  readonly atOnce?: number;
}

const RUNS_AT_ONCE = 2;

/**
 * `understudy audit`: every saboteur of the catalogue, and its unsabotaged twin.
 * @returns the exit status
 */
export async function auditCommand(flags: AuditFlags, terminal: Terminal): Promise<number> {
  const { reporter: reporters } = flags;
  const title = 'understudy audit';
  const reporting = startReporting({ reporters, terminal, title, leavesRuns: false });
  const entries = chosenEntries(flags);
  if (entries.length === 0) {
    throw new UsageError(
      `the lane ${flags.lane} promises nothing that ${flags.only?.join(', ')} takes away: leave out --lane`,
    );
  }
  const rows = await audit(entries, flags, terminal);
  const status = statusOfAudit(rows);
  if (reporting.text) {
    const page = pageOf(terminal.stdout, terminal.environment);
    print(terminal, ['', ...renderAudit(rows, status, page, terminal.cwd)]);
  }
  const suite = suiteOfAudit(rows, status);
  reporting.ended(suite);
  reporting.finish([suite], () => documentOf(rows, status));
  return exitStatusOf(status);
}

async function audit(
  entries: readonly AuditEntry[],
  flags: AuditFlags,
  terminal: Terminal,
): Promise<readonly AuditRow[]> {
  const payments = await jobsOf({}, terminal.cwd);
  const requests = new Map<string, RunRequest>();
  for (const entry of entries) {
    requests.set(keyOf(entry), requestFor(entry, payments));
    requests.set(twinOf(entry), twinRequestFor(entry, payments));
  }
  const { atOnce = RUNS_AT_ONCE } = flags;
  const runs = await makeRuns([...requests.values()], flags, terminal, undefined, atOnce);
  const results = new Map<string, RunResult>(
    [...requests.keys()].flatMap((key, index) => {
      const run = runs[index];
      return run ? [[key, run.result] as const] : [];
    }),
  );
  return entries.map((entry) =>
    judgeEntry(entry, {
      sabotaged: results.get(keyOf(entry)),
      twin: results.get(twinOf(entry)),
    }),
  );
}

function keyOf(entry: AuditEntry): string {
  return `${sabotageOf(entry).join()} ${twinOf(entry)}`;
}

function requestFor(entry: AuditEntry, payments: readonly Payment[]): RunRequest {
  const twin = twinRequestFor(entry, payments);
  return { ...twin, settings: { ...twin.settings, sabotage: sabotageOf(entry) } };
}

function twinRequestFor(
  { saboteur, lane, experiment, mode, seed, jobs, settings }: AuditEntry,
  payments: readonly Payment[],
): RunRequest {
  const repeat = `npx understudy audit --only ${saboteur} --lane ${lane}`;
  return {
    experiment,
    settings: { ...settings, lane, mode, seed, jobs: firstJobs(payments, jobs) },
    repeat,
  };
}

function documentOf(rows: readonly AuditRow[], status: AuditStatus): unknown {
  return {
    schemaVersion: 1,
    status,
    entries: rows.map(({ entry, verdict, found, detail, sabotaged, twin }) => ({
      saboteur: entry.saboteur,
      removes: saboteurs.find(({ name }) => name === entry.saboteur)?.removes,
      lane: entry.lane,
      sabotage: sabotageOf(entry),
      ...(entry.mask ? { mask: entry.mask.why } : {}),
      experiment: entry.experiment.name,
      mode: entry.mode,
      seed: entry.seed,
      expected: entry.expected,
      found,
      verdict,
      detail,
      ...(sabotaged ? { run: runTold(sabotaged) } : {}),
      ...(twin ? { twin: runTold(twin) } : {}),
    })),
  };
}

function runTold({ status, durationMs, directory }: RunResult): object {
  return { status, durationMs, directory };
}
