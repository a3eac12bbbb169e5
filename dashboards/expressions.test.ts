import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { EVERYTHING, type Expression, expressions, withChoice } from './expressions.ts';
import { readDashboard } from './grafana/dashboard-file.ts';
import { PROMTOOL, promtool, Scratch, withPromtool } from './prometheus/promtool.test-support.ts';
import { readRules } from './prometheus/rules.ts';

const all = expressions();

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

describe.skipIf('missing' in PROMTOOL)(withPromtool('promtool'), () => {
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
});
