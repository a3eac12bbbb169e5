import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { EVERYTHING, type Expression, expressions, withChoice } from './expressions.ts';
import { readDashboard } from './grafana/dashboard-file.ts';
import { describeWithPromtool, promtool, Scratch } from './prometheus/promtool.test-support.ts';
import { readRules } from './prometheus/rules.ts';
import { PROMETHEUS_FOLDER } from './places.ts';

const all = expressions();

/** The labels of the node that was killed, of the one that took over, and of the lab. */
const A = 'group="g", mode="active-passive", node="a"';
const B = 'group="g", mode="active-passive", node="b"';
const LAB = 'group="g", mode="active-passive"';

/** What the nodes and the lab would have said: a was killed at second 20, b took over at second 21. */
const TAKEOVER = [
  [`understudy_node_state{${A}}`, '2x19 stale'],
  [`understudy_node_state{${B}}`, '1x20 2x20'],
  [`understudy_epoch{${A}}`, '1x19 stale'],
  [`understudy_epoch{${B}}`, '0x20 2x20'],
  [`understudy_takeovers_total{${B}}`, '0x20 1x20'],
  [`understudy_takeover_duration_seconds_bucket{${B}, le="0.1"}`, '0x20 1x20'],
  [`understudy_takeover_duration_seconds_bucket{${B}, le="+Inf"}`, '0x20 1x20'],
  [`understudy_last_takeover_duration_seconds{${B}}`, '0x20 0.05x20'],
  [`understudy_last_takeover_timestamp_seconds{${B}}`, '0x20 21x20'],
  [`understudy_effects_committed_total{${B}}`, '0x20 0+10x20'],
  [`understudy_duplicates_suppressed_total{${B}}`, '0x40'],
  [`understudy_commits_fenced_total{${B}}`, '0x40'],
  [`understudy_queue_jobs{${B}, state="waiting"}`, '3x40'],
  [`understudy_oldest_waiting_job_age_seconds{${B}}`, '0x40'],
  [`understudy_handler_duration_seconds_bucket{${B}, le="0.1"}`, '0x20 0+10x20'],
  [`understudy_handler_duration_seconds_bucket{${B}, le="+Inf"}`, '0x20 0+10x20'],
  [`understudy_commit_duration_seconds_bucket{${B}, le="0.1"}`, '0x20 0+10x20'],
  [`understudy_commit_duration_seconds_bucket{${B}, le="+Inf"}`, '0x20 0+10x20'],
  [`understudy_event_loop_lag_seconds{${B}}`, '0.002x40'],
  [`understudy_redis_reconnects_total{${B}, connection="data"}`, '0x40'],
  [`understudy_duplicate_effects_total{${LAB}}`, '0x40'],
  [`understudy_fault_active{${LAB}, fault="kill", target="leader"}`, '0x19 1x15'],
].map(([series, values]) => ({ series, values }));

test('every query of every panel is listed, and every variable, annotation and rule', () => {
  const { panels, templating, annotations } = readDashboard();
  const count = (kind: Expression['kind']) => all.filter((one) => one.kind === kind).length;
  expect(count('panel')).toBe(panels.reduce((sum, { targets }) => sum + targets.length, 0));
  expect(count('variable')).toBe(templating.list.length);
  expect(count('annotation')).toBe(annotations.list.length);
  expect(count('recording-rule') + count('alert')).toBe(readRules().length);
  for (const kind of ['panel', 'variable', 'annotation', 'recording-rule', 'alert'] as const) {
    expect(count(kind)).toBeGreaterThan(0);
  }
});

test('the values of a variable are the labels of a query', () => {
  expect(all.find(({ kind, of }) => kind === 'variable' && of === 'mode')).toEqual({
    kind: 'variable',
    of: 'mode',
    expr: 'group by (mode) (understudy_node_state{group=~"$group"})',
  });
});

describe('what the reader chose', () => {
  test('stands in for the variables, however they are written', () => {
    const choice = { group: 'g', mode: 'm', node: 'a|b' };
    expect(withChoice('x{g=~"$group", m=~"${mode}", n=~"${node:regex}"}', choice)).toBe(
      'x{g=~"g", m=~"m", n=~"a|b"}',
    );
  });

  test('does not stand in for a variable that the dashboard lacks', () => {
    expect(() => withChoice('rate(x[$__rate_interval])', EVERYTHING)).toThrow(
      /\$__rate_interval .* is not a variable/,
    );
  });
});

describeWithPromtool('promtool', () => {
  test.each([
    ['every expression', all, true],
    ['no expression that is broken', [{ kind: 'panel', of: 'x', expr: 'rate(x' }] as const, false],
  ])('understands %s', async (_, list, understood) => {
    using scratch = new Scratch();
    const file = scratch.path('all.yml');
    const rules = list.map(({ expr }, index) => ({
      record: `expression:number:${index}`,
      expr: withChoice(expr, EVERYTHING),
    }));
    writeFileSync(file, stringify({ groups: [{ name: 'all', rules }] }));
    const { ok, said } = await promtool('check', 'rules', file);
    if (understood) expect(said).toContain(`${list.length} rules found`);
    expect(ok).toBe(understood);
  });

  test('finds an answer to every expression but the alerts while a takeover is under way', async () => {
    using scratch = new Scratch();
    const file = scratch.path('takeover.yml');
    const asked = all.filter(({ kind }) => kind !== 'alert');
    const takeover = {
      interval: '1s',
      input_series: TAKEOVER,
      promql_expr_test: asked.map(({ expr }) => ({
        expr: `count(${withChoice(expr, EVERYTHING)}) > bool 0`,
        eval_time: '30s',
        exp_samples: [{ labels: '{}', value: 1 }],
      })),
    };
    const rule_files = [join(PROMETHEUS_FOLDER, 'rules', 'recording.yml')];
    writeFileSync(file, stringify({ rule_files, evaluation_interval: '1s', tests: [takeover] }));
    expect((await promtool('test', 'rules', file)).said).toMatch(/SUCCESS\s*$/);
  });
});
