import type { HistoryHeader } from '@understudy/history';
import type { Checker } from './checker.ts';
import { Findings } from './findings.ts';

/**
 * Order per account, where it is promised. Where it is not, inversions are counted among the
 * counts of the run and not judged. A job without an effect (parked, lost, waiting) has no place, and its
 * account goes on past it.
 */
export const order: Checker = {
  name: 'order',
  expectation: 'jobs of one account take effect in the order in which they were enqueued',
  applies: (header) =>
    header.expect.ordered || `${whyNotPromised(header)}; inversions are counted, not judged`,
  start: ({ jobs, inversions }) => ({
    step: () => {},
    finish: () => {
      const { found, compared, hasPairs } = inversions;
      const findings = new Findings();
      for (const { job, overtaken, position, overtakenPosition } of found) {
        const [id, earlier] = [jobs.ids[job]!, jobs.ids[overtaken]!];
        const at = jobs.effectAt[job]!;
        const detail =
          `${id} took effect at position ${position}, ` +
          `before ${earlier} at ${overtakenPosition}, which was enqueued earlier`;
        findings.add('fail', { kind: 'inverted', job: id, overtaken: earlier, at, detail });
      }
      if (jobs.effectEntries === 0) {
        const detail = 'no effect was seen: there is no order to judge';
        findings.add('inconclusive', { kind: 'no-effect', detail });
      } else if (compared === 0 && hasPairs) {
        const detail =
          'no job took effect that was enqueued when one of its account had been acknowledged, so that no order could be seen to be kept: enqueue more, or more slowly';
        findings.add('inconclusive', { kind: 'nothing-compared', detail });
      }
      const observed = `${found.length} inversions among ${compared} jobs with one before them`;
      if (compared === 0 && !hasPairs && jobs.effectEntries > 0) {
        return { findings, observed, notApplicable: 'no account has two jobs to be in an order' };
      }
      return { findings, limit: 0, observed };
    },
  }),
};

function whyNotPromised({ lane, mode }: HistoryHeader): string {
  if (lane !== 'stream') return `the ${lane} lane promises no order`;
  return mode === 'active-passive'
    ? 'this worker promises no order'
    : 'where all nodes work no order is promised';
}
