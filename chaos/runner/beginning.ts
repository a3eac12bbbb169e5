import type { ReapedRun } from './reap.ts';
import type { RunOptions } from './run-options.ts';

/** What a run begins with, in words. */
export function beginningOf({ containers, redis }: RunOptions): string {
  if (containers) {
    const { project, group } = containers.group;
    return `attaching to ${group} of the compose project ${project}`;
  }
  return redis ? 'looking at the Redis given' : 'starting Redis';
}

/** What was done about an earlier run whose lab had died, in words. */
export function describeReaped({ run, ended, healed, trouble }: ReapedRun): string {
  const done = [...ended.map((each) => `ended ${each}`), ...healed];
  const what = done.length === 0 ? 'nothing was left running' : done.join('; ');
  const marked = trouble === undefined ? 'interrupted' : `abandoned, but not marked so: ${trouble}`;
  return `the earlier run ${run} was ${marked}; ${what}`;
}
