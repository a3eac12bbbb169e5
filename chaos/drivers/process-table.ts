import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * The process table, read from outside the processes: who a pid is, and whether it runs. On Linux
 * it is /proc; elsewhere `ps` is asked.
 */

const LINUX = process.platform === 'linux';

/** One row of the table. */
interface Row {
  readonly pid: number;
  readonly group: number;
  /** One letter: `R` runs, `S` sleeps, `T` stopped, `Z` ended but not yet reaped. */
  readonly state: string;
  readonly startTime: string;
  /** What it has used of the processors so far, in ms; a resolution of 10 ms is usual. */
  readonly cpuMs: number;
}

/** Linux counts in ticks of 1/100 s, whatever the kernel's own are (USER_HZ). */
const MS_PER_TICK = 10;

/**
 * When the process with this pid began, as an opaque text to compare; undefined when there is none
 * or it has ended (its parent may not have asked yet). A pid is used again sooner or later; pid
 * and start time together are not.
 */
export function startTimeOf(pid: number): string | undefined {
  const row = rowOf(pid);
  return row?.state === 'Z' ? undefined : row?.startTime;
}

/**
 * The states of the processes in a group, one letter each, the ended ones (`Z`) left out; `''`
 * when none is left.
 */
export function groupStates(group: number): string {
  return rowsOf(group)
    .map((row) => row.state)
    .join('');
}

/** What the living processes of a group have used of the processors so far, in ms. */
export function groupCpuMs(group: number): number {
  return rowsOf(group).reduce((sum, row) => sum + row.cpuMs, 0);
}

function rowsOf(group: number): Row[] {
  const rows = LINUX ? allOfProc() : askPs(['-A']);
  return rows.filter((row) => row.group === group && row.state !== 'Z');
}

/** A process of a group. */
export interface GroupMember {
  readonly pid: number;
  readonly startTime: string;
}

/** The processes of a group, the ended ones left out. Its leader need not be among them. */
export function groupMembers(group: number): readonly GroupMember[] {
  return rowsOf(group);
}

/**
 * Whether a process was started with `variable` (`NAME=value`) in its environment, by itself or by
 * inheritance; false where that cannot be read, as with the processes of others.
 */
export function startedWith(pid: number, variable: string): boolean {
  try {
    if (LINUX) return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
    const shown = execFileSync('ps', ['-wwE', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return shown.trimEnd().split(' ').includes(variable);
  } catch {
    return false;
  }
}

function rowOf(pid: number): Row | undefined {
  return LINUX ? rowOfProc(pid) : askPs(['-p', String(pid)])[0];
}

function allOfProc(): Row[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => rowOfProc(Number(name)) ?? []);
}

let bootId: string | undefined;

function rowOfProc(pid: number): Row | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // Field 2 is the command in brackets, which may itself hold blanks and brackets. After it come
  // field 3 (state), 5 (process group), 14 and 15 (user and system time, in ticks) and 22 (start, in
  // ticks since the machine booted).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return {
    pid,
    state: fields[0] ?? '',
    group: Number(fields[2]),
    startTime: `${bootId}:${fields[19]}`,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
  };
}

function askPs(selection: readonly string[]): Row[] {
  let text: string;
  try {
    text = execFileSync('ps', [...selection, '-o', 'pid=,pgid=,stat=,time=,lstart='], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      // The start time is written in the language of the user otherwise.
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, pid, group, state, time, startTime] =
      /^\s*(\d+)\s+(\d+)\s+(\w)\S*\s+([\d:.-]+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (state === undefined || time === undefined || startTime === undefined) return [];
    return [{ pid: Number(pid), group: Number(group), state, startTime, cpuMs: cpuTimeMs(time) }];
  });
}

/** `1-02:03:04` (days, hours, minutes, seconds) or `2:03.45`, in ms. */
function cpuTimeMs(time: string): number {
  const [clock = '', days = '0'] = time.split('-').toReversed();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
