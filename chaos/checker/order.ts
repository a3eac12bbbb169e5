import type { Checker } from './checker.ts';
import { Findings } from './findings.ts';

/**
 * Order per account, where it is promised. Where it is not, inversions are counted among the
 * counts of the run and not judged.
 */
export const order: Checker = {
  name: 'order',
  expectation: 'jobs of one account take effect in the order in which they were enqueued',
  applies: ({ expect, lane }) =>
    expect.ordered || `the ${lane} lane promises no order; inversions are counted, not judged`,
  start: ({ jobs, inversions }) => ({
    step: () => {},
    finish: () => {
      const findings = new Findings();
      for (const { job, overtaken } of inversions.found) {
        const [id, earlier] = [jobs.ids[job]!, jobs.ids[overtaken]!];
        const at = jobs.effectAt[job]!;
        const detail =
          `${id} took effect at position ${jobs.effectPosition[job]}, ` +
          `before ${earlier} at ${jobs.effectPosition[overtaken]}, which was enqueued earlier`;
        findings.add('fail', { kind: 'inverted', job: id, at, detail });
      }
      if (jobs.effectEntries === 0) {
        const detail = 'no effect was seen: there is no order to judge';
        findings.add('inconclusive', { kind: 'no-effect', detail });
      }
      return { findings, limit: 0, observed: `${inversions.found.length} inversions` };
    },
  }),
};
