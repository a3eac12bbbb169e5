import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '@understudy/runtime';
import { ReportUnwritable } from '../errors.ts';
import { annotationsOf, summaryOf } from '../report/github.ts';
import { renderJunit } from '../report/junit.ts';
import type { Suite } from '../report/suite.ts';
import { RUN_FILES } from '../runner/run-directory.ts';
import { printsJson, type Reporters, writesText } from './reporters.ts';
import { printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Writes what a command found, as it was asked to. */
export interface Reporting {
  /** Whether people read on standard output, too. */
  readonly text: boolean;
  /** A suite is complete, and with it the run of this directory, if it is one. */
  ended(suite: Suite, directory?: string): void;
  /** Everything is. `document` is called if somebody wants JSON. */
  finish(suites: readonly Suite[], document: () => unknown): void;
}

/** What is reported, and of what. */
export interface ReportingOptions {
  readonly reporters: Reporters;
  readonly terminal: Terminal;
  /** `understudy run` */
  readonly title: string;
  /** Whether the command leaves directories in which a report has its place. */
  readonly leavesRuns: boolean;
}

/**
 * Begins to report. The files named are begun anew, so that none of before is taken for one of now, and
 * it shows at once if one cannot be written. Until the end XML says that it did not come to it: a run that
 * could not be made must not look like a run without findings.
 * @throws {ReportUnwritable} @throws {UsageError} when XML has nowhere to go
 */
export function startReporting(options: ReportingOptions): Reporting {
  const { reporters, terminal, title, leavesRuns } = options;
  const files = reporters.flatMap(({ name, file }) =>
    file === undefined ? [] : [{ name, path: resolve(terminal.cwd, file) }],
  );
  const asked = (wanted: string): boolean => reporters.some(({ name }) => name === wanted);
  if (!leavesRuns && reporters.some(({ name, file }) => name === 'junit' && file === undefined)) {
    throw new UsageError(
      `${title} leaves no directory of a run: name a file, --reporter junit=<file>`,
    );
  }
  for (const { name, path } of files) {
    const text = name === 'junit' ? renderJunit(title, [unfinished(title)]) : '';
    written(path, () => mkdirSync(dirname(path), { recursive: true }));
    written(path, () => writeFileSync(path, text));
  }
  // GitHub reads both outputs of a step.
  const commands = printsJson(reporters) ? terminal.stderr : terminal.stdout;
  return {
    text: writesText(reporters),
    ended(suite, directory) {
      if (directory !== undefined && asked('junit')) {
        const path = join(directory, RUN_FILES.junit);
        written(path, () => writeFileSync(path, renderJunit(title, [suite])));
      }
      if (!asked('github')) return;
      for (const line of annotationsOf(suite)) commands.write(`${line}\n`);
    },
    finish(suites, document) {
      if (printsJson(reporters)) printJson(terminal, document());
      for (const { name, path } of files) {
        const text = (): string =>
          name === 'junit'
            ? renderJunit(title, suites)
            : `${JSON.stringify(document(), null, 2)}\n`;
        written(path, () => writeFileSync(path, text()));
      }
      // Set by GitHub for each step; elsewhere there is no summary to add to.
      const summary = terminal.environment.GITHUB_STEP_SUMMARY;
      if (!asked('github') || !summary) return;
      written(summary, () => appendFileSync(summary, summaryOf(title, suites)));
    },
  };
}

/** What stands in the XML of a command that did not come to its end. */
function unfinished(title: string): Suite {
  const message = 'it did not come to its end; why is in what it printed';
  return {
    name: title,
    classname: 'understudy',
    status: 'inconclusive',
    cases: [{ name: 'end', outcome: { kind: 'unclear', type: 'unfinished', message, detail: [] } }],
    properties: {},
  };
}

function written(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new ReportUnwritable(
      `the report ${path} cannot be written: ${messageOf(error)}. Look at its permissions and at the free space; what was found is in the directories of the runs.`,
      { cause: error },
    );
  }
}
