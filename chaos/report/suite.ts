import { explanationLines } from './violation-text.ts';
import type { Explanation, RunResult } from './result.ts';
import { conclusionOf, laneWords } from './verdict-words.ts';

/**
 * What one case of a suite came to. `failed` refutes; `unclear` says nothing, which is no success
 * either; `skipped` does not apply.
 */
export type CaseOutcome =
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'failed' | 'unclear' | 'skipped';
      /** One line. */
      readonly message: string;
      /** What kind of trouble it is, as `duplicated`. */
      readonly type: string;
      /** Everything there is to say, line by line. */
      readonly detail: readonly string[];
    };

/** One claim about a run that was held against what happened: a checker. */
export interface Case {
  readonly name: string;
  readonly outcome: CaseOutcome;
}

/** A run as tools for tests see it: what is made of it are JUnit's XML and GitHub's annotations. */
export interface Suite {
  /** `kill-leader · active-passive · seed 7` */
  readonly name: string;
  /** In dots, for tools that sort by it: `understudy.kill-leader.active-passive`. */
  readonly classname: string;
  readonly status: RunResult['status'];
  /** ISO 8601. */
  readonly startedAt?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly cases: readonly Case[];
  /** Facts about the run, by name. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What a suite is about, besides its cases. */
export type AboutSuite = Omit<Suite, 'status' | 'cases'>;

/** A run or a history that was judged. */
export interface JudgedRun extends Pick<RunResult, 'status' | 'reason' | 'checkers'> {
  readonly explanations?: readonly Explanation[] | undefined;
}

/** The suite of a run: one case a checker. */
export function suiteOfRun(result: RunResult): Suite {
  return suiteOf(result, aboutRun(result));
}

/** What is known of a run, for its suite. */
export function aboutRun(result: RunResult): AboutSuite {
  const { run, experiment, mode, lane, seed, sabotage = [], directory, repeat } = result;
  const without = sabotage.length === 0 ? '' : ` (sabotage: ${sabotage.join(', ')})`;
  return {
    name: [`${experiment}${without}`, mode, ...laneWords(lane), `seed ${seed}`].join(' · '),
    classname: ['understudy', experiment, mode, ...(lane === 'stream' ? [lane] : [])].join('.'),
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    properties: {
      run,
      lane,
      seed: String(seed),
      directory,
      ...(repeat === undefined ? {} : { repeat }),
    },
  };
}

/**
 * The suite of whatever was judged. Where no checker says why it is no success, a case of its own does:
 * a history that is torn, a run that was interrupted.
 */
export function suiteOf(judged: JudgedRun, about: AboutSuite): Suite {
  const { status, checkers, explanations = [] } = judged;
  const cases = checkers.map((checker): Case => {
    const own = explanations.filter((each) => each.checker === checker.checker);
    return { name: checker.checker, outcome: outcomeOf(checker, own, about.properties) };
  });
  const told = cases.some(({ outcome: { kind } }) => kind === 'failed' || kind === 'unclear');
  const untold =
    status === 'pass' || told ? [] : [unclearCase('run', status, conclusionOf(judged))];
  return { ...about, status, cases: [...cases, ...untold] };
}

/** A case of which nothing can be said. */
export function unclearCase(name: string, type: string, message: string): Case {
  return { name, outcome: { kind: 'unclear', type, message, detail: [message] } };
}

/** Runs that were asked for and not made, because somebody interrupted. */
export function suiteOfMissing(missing: number): Suite {
  const message = `${missing} of the runs asked for were not made`;
  return {
    ...{ name: 'runs that were not made', classname: 'understudy', status: 'interrupted' },
    cases: [unclearCase('run', 'interrupted', message)],
    properties: {},
  };
}

const ANOMALIES_TOLD = 5;

function outcomeOf(
  checker: RunResult['checkers'][number],
  explanations: readonly Explanation[],
  properties: AboutSuite['properties'],
): CaseOutcome {
  const { verdict, expectation, limit, observed, reason, anomalies, decidedBy = [] } = checker;
  if (verdict === 'pass') return { kind: 'passed' };
  const message = reason ?? String(observed);
  if (verdict === 'not-applicable') {
    return { kind: 'skipped', type: verdict, message, detail: [message] };
  }
  return {
    kind: verdict === 'fail' ? 'failed' : 'unclear',
    type: decidedBy.join(', ') || verdict,
    message,
    detail: [
      `expected: ${expectation}`,
      ...(limit === undefined ? [] : [`limit: ${limit}`]),
      `observed: ${observed}`,
      ...anomalies.slice(0, ANOMALIES_TOLD).map(({ kind, detail }) => `${kind}: ${detail}`),
      ...explanations.flatMap((each) => ['', ...explanationLines(each)]),
      '',
      ...Object.entries(properties).map(([name, value]) => `${name}: ${value}`),
    ],
  };
}
