import { Option } from 'commander';
import { contract, option, variable } from './option-values.ts';

/** The options by which somebody's own worker is put on stage. */
export function subjectOptions(): Option[] {
  return [
    option('--worker <command>', 'a worker of your own, as a line for /bin/sh', String),
    option(
      '--contract <name>',
      'where it finds its jobs: bullmq or stream (default: bullmq)',
      contract,
    ),
    option('--cwd <directory>', 'where it is started (default: here)', String),
    option(
      '--env <KEY=VALUE>',
      'more environment for it, repeatable; KEY alone hands over the value it has here',
      variable,
    ),
    option('--queue <name>', 'what it finds in UNDERSTUDY_QUEUE (default: payments)', String),
    option(
      '--prefix <name>',
      "what it finds in UNDERSTUDY_PREFIX (default: one of the run's own)",
      String,
    ),
    new Option(
      '--system',
      'the system that the nearest understudy.config.ts defines, from here upwards',
    ),
    option('--config <file>', 'the system that this file defines', String),
  ];
}
