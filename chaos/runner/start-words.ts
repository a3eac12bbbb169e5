import type { ReapedRun } from './reap.ts';
import type { RunOptions } from './run-options.ts';

/** What a run does first, for people. */
export function beginningOf({
  containers,
  redis,
}: Pick<RunOptions, 'containers' | 'redis'>): string {
  if (containers) {
    const { project, group } = containers.group;
    return `attaching to ${group} of the compose project ${project}`;
  }
  return redis ? 'looking at the Redis given' : 'starting Redis';
}

/** What was found of an earlier run that its lab had left behind, for people. */
export function describeReaped({ run, ended, healed, trouble }: ReapedRun): string {
  const done = [...ended.map((each) => `ended ${each}`), ...healed];
  const what = done.length === 0 ? 'nothing was left running' : done.join('; ');
  const marked = trouble === undefined ? 'interrupted' : `abandoned, but not marked so: ${trouble}`;
  return `the earlier run ${run} was ${marked}; ${what}`;
}
