import type { NewId } from '@understudy/runtime';

/** `20261123-174312-active-passive-x7Fq1a`: sorts by time, and is a legal name of a group. */
export function runName(startedAt: string, mode: string, newId: NewId): string {
  const [date = '', time = ''] = startedAt.split(/[T.]/);
  const unique = newId()
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 6);
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${mode}-${unique}`;
}
