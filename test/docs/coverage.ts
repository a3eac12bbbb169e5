import { filesMatching, type Tree } from '../tidy/tree.ts';
import { type DocumentedCommand, placeOf, textOf } from './documented-commands.ts';

/** Commands that are run by `test/e2e/documented-commands.test.ts`. */
export interface RunHere {
  /** What is there where the command is typed. */
  readonly where: Stage;
  /** Options, each with its value, that make it shorter: in place of those that are written. */
  readonly shorter?: readonly string[];
  /** What it must leave behind, seen from where it is typed. */
  readonly leaves?: readonly string[];
}

/**
 * Where a command is typed: in a package with an input, examples and a worker of its owner's; in one in
 * which `understudy init` was run; in one where a run was made, whose name stands for `<id>`.
 */
export type Stage = 'package' | 'package with a start' | 'package with a run';

/** Commands that another test runs, because of what they need or how long they take. */
export interface RunElsewhere {
  /** The file that runs them. */
  readonly by: string;
  /** A piece of that file that does so: when it goes, so does the claim. */
  readonly with: string;
  /** Why not here. */
  readonly because: string;
}

/** How the commands that match are tested. */
export interface Rule {
  readonly commands: RegExp;
  /** Only those of this document. */
  readonly in?: string;
  readonly run: RunHere | RunElsewhere;
}

/** How a command is tested: by the first rule that fits. */
export function coverageOf(
  command: DocumentedCommand,
  rules: readonly Rule[],
): RunHere | RunElsewhere | undefined {
  return ruleOf(command, rules)?.run;
}

/** Whether a command is run by the test of documented commands itself. */
export function isRunHere(coverage: RunHere | RunElsewhere | undefined): coverage is RunHere {
  return coverage !== undefined && 'where' in coverage;
}

/** What is wrong between documents, rules and tests: a line each. */
export function coverageFindings(
  commands: readonly DocumentedCommand[],
  tree: Tree,
  rules: readonly Rule[],
): string[] {
  const inUse = new Set(commands.map((command) => ruleOf(command, rules)));
  return [
    ...commands
      .filter((command) => coverageOf(command, rules) === undefined)
      .map(
        (command) =>
          `${placeOf(command)}: no test runs it. Say in test/docs/coverage-rules.ts which does`,
      ),
    ...rules
      .filter((rule) => !inUse.has(rule))
      .map(({ commands: pattern }) => `${String(pattern)}: no document has such a command`),
    ...rules.flatMap(({ commands: pattern, run }) =>
      isRunHere(run) ? [] : brokenPromise(pattern, run, tree),
    ),
  ];
}

function ruleOf(command: DocumentedCommand, rules: readonly Rule[]): Rule | undefined {
  const text = textOf(command);
  return rules.find(
    (rule) => rule.commands.test(text) && (rule.in === undefined || rule.in === command.file),
  );
}

function brokenPromise(pattern: RegExp, run: RunElsewhere, tree: Tree): string[] {
  const [found] = filesMatching(tree, /./).filter(([path]) => path === run.by);
  if (found?.[1].includes(run.with)) return [];
  return [
    `${String(pattern)}: ${run.by} ${found ? `has no ${run.with}` : 'is not there'}, and was to run it`,
  ];
}
