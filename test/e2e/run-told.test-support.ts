import type { RunResult } from 'understudy';

/** What a run came to, in words that tell what went wrong when it is not what was expected. */
export function told({ status, checkers, faults, directory }: RunResult): object {
  const of = (verdict: string): string[] =>
    checkers
      .filter((each) => each.verdict === verdict)
      .map(({ checker, reason, totals }) => `${checker} ${JSON.stringify(totals)} ${reason ?? ''}`);
  return {
    status,
    failed: of('fail'),
    inDoubt: of('inconclusive'),
    notLanded: faults
      .filter(({ landed }) => !landed)
      .map(({ id, evidence }) => `${id} ${evidence} (${directory})`),
  };
}

/** The same of a run in which every fault landed and nothing refuted. */
export const HELD = { status: 'pass', failed: [], inDoubt: [], notLanded: [] };
