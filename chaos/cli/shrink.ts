import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refutingKinds } from '../report/rates.ts';
import type { RunResult, Shrunk } from '../report/result.ts';
import { readPlanFile } from '../runner/plan-file.ts';
import { RUN_FILES, writeResult } from '../runner/run-directory.ts';
import type { FinishedRun } from '../runner/run-options.ts';
import { ddmin } from '../schedule/ddmin.ts';
import { isClosed } from '../schedule/recheck.ts';
import type { PlannedStep } from '../schedule/step.ts';
import type { RunRequest } from './requests.ts';

/** The name of the smallest schedule, beside the run that was refuted. */
const SHRUNK_FILE = 'shrunk.json';

/** What shrinking needs. */
export interface ShrinkOptions {
  readonly request: RunRequest;
  readonly run: FinishedRun;
  /** How often each candidate is run. */
  readonly times: number;
  /** Makes runs; fewer than were asked for when the person at the terminal interrupted. */
  make(requests: readonly RunRequest[]): Promise<readonly { readonly result: RunResult }[]>;
  /** Told of each candidate as it was judged. */
  say(text: string): void;
}

/**
 * Makes the schedule of a refuted run smaller, by delta debugging: a candidate reproduces when at
 * least one of its runs is refuted by the same kind of anomaly. Roles are resolved anew in each run,
 * because what refutes is that the leader was hit, not which node that was. Writes the smallest
 * schedule beside the run.
 * @returns what the run's result says of it; undefined when there is nothing to say, because the
 *   run was not refuted or somebody interrupted
 * @throws {UnderstudyError} when a candidate could not be run
 */
export async function shrinkRun(options: ShrinkOptions): Promise<Shrunk | undefined> {
  const { request, run, times, make, say } = options;
  const [kind] = refutingKinds(run.result);
  if (run.result.status !== 'fail' || kind === undefined) return undefined;
  const { steps } = readPlanFile(join(run.directory, RUN_FILES.schedule));
  const candidates: Shrunk['candidates'][number][] = [];

  /** How often a part reproduced; undefined when somebody interrupted. */
  const tryOut = async (part: readonly PlannedStep[]): Promise<number | undefined> => {
    const names = part.map(({ id }) => id);
    const complete = part.every((step) => isClosed(step, new Set(names)));
    const requests = Array.from({ length: complete ? times : 0 }, () => ({
      ...request,
      steps: part,
    }));
    const runs = await make(requests);
    if (runs.length < requests.length) return undefined;
    const reproduced = runs.filter(({ result }) => refutingKinds(result).includes(kind)).length;
    candidates.push({ steps: names, reproduced, runs: runs.length });
    const rate = complete
      ? `${kind} in ${reproduced} of ${times} runs`
      : 'not run: a step would lack the one it depends on';
    say(`shrink: ${names.join(' ') || 'no fault at all'}: ${rate}`);
    return reproduced;
  };

  say(`shrink: ${steps.length} steps; each candidate is run ${times} times`);
  const whole = await tryOut(steps);
  if (whole === undefined) return undefined;
  let smallest = steps;
  if (whole > 0) {
    const search = ddmin(steps);
    let next = search.next();
    while (next.done !== true) {
      const reproduced = await tryOut(next.value);
      if (reproduced === undefined) return undefined;
      next = search.next(reproduced > 0);
    }
    smallest = next.value;
  }
  return keep(run, {
    ...{ kind, of: steps.length, reproducedAgain: whole > 0, candidates },
    steps: smallest.map(({ id }) => id),
    path: join(run.directory, SHRUNK_FILE),
  });
}

/** Writes the smallest schedule in the form of `schedule.json`, and notes it in the result. */
function keep({ directory, result }: FinishedRun, shrunk: Shrunk): Shrunk {
  const text = readFileSync(join(directory, RUN_FILES.schedule), 'utf8');
  const plan = JSON.parse(text) as { steps: readonly PlannedStep[] };
  const steps = plan.steps.filter(({ id }) => shrunk.steps.includes(id));
  const document = { ...plan, steps, shrunk: { run: result.run, kind: shrunk.kind } };
  writeFileSync(shrunk.path, `${JSON.stringify(document, null, 2)}\n`);
  writeResult(directory, { ...result, shrunk });
  return shrunk;
}
