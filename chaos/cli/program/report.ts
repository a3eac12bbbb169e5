import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import type { ReportFlags } from '../report-command.ts';

/** Adds the command `report`; `done` is told its exit status. */
export function addReport(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('report')
    .description('write the report of a run again: one HTML file that needs no network')
    .argument('<run...>', 'names, directories, or histories; several are put on one time axis')
    .option('--output <file>', 'where to (default: report.html beside the history)')
    .addHelpText(
      'after',
      `
Every run writes its report, and \`compare\` one of all three runs. A history from elsewhere is judged.
What it comes to is in the report; the status is 0 where it was written.

Examples:
  understudy report 20261124-181512-active-passive-Z9aV8a
  understudy report history.ndjson --output ~/report.html
`,
    )
    .action(async (runs: string[], flags: ReportFlags) => done(await commands.report(runs, flags)));
}
