import { unreachable } from '@understudy/runtime';

/**
 * What the command line exits with. Never 1 for a verdict: Node itself exits 1 when it crashes.
 * 64, 69 and 70 are those of BSD's sysexits.h; 130 is 128 + SIGINT.
 */
export const EXIT = {
  pass: 0,
  usage: 64,
  environment: 69,
  internal: 70,
  inconclusive: 98,
  refuted: 99,
  interrupted: 130,
} as const;

/** One of the statuses above. */
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The verdict of one run or of several. */
export type RunStatus = 'pass' | 'fail' | 'inconclusive' | 'interrupted';

/** The exit status of a verdict. */
export function exitStatusOf(status: RunStatus): ExitStatus {
  switch (status) {
    case 'pass':
      return EXIT.pass;
    case 'fail':
      return EXIT.refuted;
    case 'inconclusive':
      return EXIT.inconclusive;
    case 'interrupted':
      return EXIT.interrupted;
    default:
      return unreachable(status);
  }
}

const WORST_FIRST = ['interrupted', 'fail', 'inconclusive'] as const;

/**
 * The status of several runs: fail > inconclusive > pass. An interrupted run comes before all,
 * because the person who interrupted it did not get what was asked for.
 */
export function worstOf(statuses: readonly RunStatus[]): RunStatus {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 'pass';
}
