import { fileURLToPath } from 'node:url';
import { EVERYTHING, type Expression, expressions, withChoice } from '@understudy/dashboards';
import { expect, it } from 'vitest';
import { afterEffects, firstJobs, readInput, runExperiment, type RunResult } from 'understudy';
import { LENIENT } from './settings.ts';
import { describeWithPrometheus } from './with-prometheus.test-support.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHIPPED = fileURLToPath(new URL('../../examples/payments.ndjson', import.meta.url));
const JOBS = 4000;

/** What stands in the graph for as long as it is asked of: where it is empty, there is nothing. */
const RECENT = '[15s:1s]';

/** Where nothing is as it should be: an alert that is silent. */
const mayBeEmpty = ({ kind }: Expression): boolean => kind === 'alert';
/** Only where one leads. */
const OF_A_LEADER = /understudy_(epoch|last_takeover)|takeover|overlap|same_epoch/i;

/** A failover under load, while a Prometheus scrapes it. */
async function failover(
  mode: 'active-passive' | 'active-active',
  inspect: (url: string) => Promise<void>,
): Promise<RunResult> {
  const jobs = firstJobs(await readInput(SHIPPED), JOBS);
  const { result } = await runExperiment({
    experiment: {
      name: 'seen-failover',
      shows: 'a node that dies when it has worked for long enough to be seen, and so do the others',
      expects: 'another takes over',
      schedule: () => [afterEffects(JOBS / 2).kill('leader', { restartAfter: '3s' })],
    },
    settings: { ...LENIENT, mode, jobs },
    root: ROOT,
    watch: { prometheus: { inspect } },
  });
  return result;
}

/** How many series an expression has had of late. An expression that is refused is an error. */
async function seriesOf(url: string, expr: string): Promise<number> {
  const body = new URLSearchParams({ query: `count_over_time((${expr})${RECENT})` });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as { error?: string; data?: { result: unknown[] } };
  if (!answer.data) throw new TypeError(`${expr}: ${answer.error ?? response.statusText}`);
  return answer.data.result.length;
}

describeWithPrometheus('a Prometheus that scraped a real failover', () => {
  it.each(['active-passive', 'active-active'] as const)(
    '%s: answers every expression, and its first panel shows who worked as the history has it',
    async (mode) => {
      const empty: string[] = [];
      const result = await failover(mode, async (url) => {
        for (const expression of expressions()) {
          const { kind, of, refId = '', expr } = expression;
          const series = await seriesOf(url, withChoice(expr, EVERYTHING));
          if (series === 0 && !mayBeEmpty(expression))
            empty.push(`${kind} ${of} ${refId}: ${expr}`);
        }
      });
      expect(result.status).toBe('pass');
      const unexpected =
        mode === 'active-passive' ? empty : empty.filter((e) => !OF_A_LEADER.test(e));
      expect(unexpected).toEqual([]);
      expect(result.prometheus).toMatchObject({ contradicted: [], unseen: [] });
      const active = new Set(result.prometheus?.active.map(({ node }) => node));
      expect(active.size).toBeGreaterThanOrEqual(2);
      for (const { from, to } of result.takeovers) {
        expect([...active]).toEqual(expect.arrayContaining([from, to]));
      }
    },
  );
});
