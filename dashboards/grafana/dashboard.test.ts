import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARD_FILE } from '../places.ts';
import { SdkTypes } from './conformance.test-support.ts';
import { dashboardText } from './dashboard.ts';
import { type PanelModel, readDashboard } from './dashboard-file.ts';

/** The SDK's module for each type of panel. */
const MODULES = new Map([
  ['state-timeline', 'statetimeline'],
  ['timeseries', 'timeseries'],
  ['table', 'table'],
]);

const dashboard = readDashboard();
const { panels } = dashboard;

test('understudy.json is what its source says', () => {
  expect(readFileSync(DASHBOARD_FILE, 'utf8')).toBe(dashboardText());
});

test('a panel that lacks a unit, a description or thresholds is refused when it is read', () => {
  for (const [from, to] of [
    ['"unit"', '"onit"'],
    ['"description": "The epoch', '"note": "The epoch'],
    ['"thresholds": {', '"limits": {'],
    ['"refId": "A"', '"refId": ""'],
  ] as const) {
    const text = dashboardText();
    expect(text).toContain(from);
    expect(() => readDashboard(text.replace(from, to))).toThrow(/panels/);
  }
});

describe('the dashboard', () => {
  test('asks for what a reader wants to know first, first', () => {
    expect(panels.map(({ title }) => title)).toEqual([
      'Processing node',
      'Epoch',
      'Takeover durations',
      'Effects by node',
      'Duplicates suppressed',
      'Fenced commits',
      'Backlog',
      'Oldest waiting job',
      'Handler and commit latency',
      'Event-loop lag',
      'Redis reconnects',
      'Last takeovers',
    ]);
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['group', 'mode', 'node']);
  });

  test('has each panel id once, and each refId once in its panel', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('names the one data source that provisioning makes, which is asked for every second', () => {
    const file = new URL('provisioning/datasources/prometheus.yml', import.meta.url);
    const { datasources } = parse(readFileSync(file, 'utf8')) as { datasources: { uid: string }[] };
    expect(datasources).toMatchObject([{ type: 'prometheus', jsonData: { timeInterval: '1s' } }]);
    const used = [...dashboardText().matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid);
    expect(new Set(used)).toEqual(new Set([datasources[0]?.uid, dashboard.uid]));
  });

  test('lets no panel overlap another or leave the grid', () => {
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (const cell of cellsOf(gridPos)) {
        expect(taken.has(cell)).toBe(false);
        taken.add(cell);
      }
    }
  });

  test('draws faults over the panels without being asked, a second at a time', () => {
    const [faults, ...others] = dashboard.annotations.list;
    expect(others).toEqual([]);
    expect(faults).toMatchObject({ step: '1s', target: { interval: '1s' } });
    expect(faults).not.toHaveProperty('placement');
    expect(faults?.target.expr).toBe(faults?.expr);
  });
});

describe('the first panel', () => {
  const mappings = panels[0]?.fieldConfig.defaults.mappings ?? [];

  test('names every state of a node', () => {
    const [values] = mappings.filter(({ type }) => type === 'value');
    const shown = Object.entries(values?.options as Record<string, { text: string }>);
    expect(shown.map(([value, { text }]) => `${value} ${text}`)).toEqual([
      '0 starting',
      '1 passive',
      '2 active',
      '3 draining',
      '4 stopped',
    ]);
  });

  test('shows a node without samples as down', () => {
    const special = mappings.filter(({ type }) => type === 'special');
    expect(special).toMatchObject([{ options: { match: 'null+nan', result: { text: 'down' } } }]);
  });

  test('gives each state a colour of its own', () => {
    const colors = JSON.stringify(mappings).match(/"color":"[^"]+"/g) ?? [];
    expect(colors).toHaveLength(6);
    expect(new Set(colors).size).toBe(6);
  });
});

describe('as the SDK declares it', () => {
  let sdk: SdkTypes;
  beforeAll(() => {
    sdk = new SdkTypes(['dashboard', 'prometheus', ...MODULES.values()]);
  }, 60_000);

  test('is the dashboard', () => {
    expect(sdk.faults(dashboard, 'dashboard', 'Dashboard')).toEqual([]);
  });

  test.each(panels.map((panel) => [panel.title, panel] as const))('is the panel %s', (_, panel) => {
    expect(panelFaults(sdk, panel)).toEqual([]);
  });

  test.each<[string, (panel: PanelModel) => void, RegExp]>([
    ['an option it does not know', (p) => Object.assign(p.options, { colour: 1 }), /colour/],
    ['an option of another type', (p) => Object.assign(p.options, { legend: 'right' }), /legend/],
    [
      'a word it does not know',
      (p) => Object.assign(p.fieldConfig.defaults.custom, { lineInterpolation: 'curly' }),
      /"curly" is not of type .*LineInterpolation/,
    ],
    ['a missing option', (p) => delete p.options.tooltip, /tooltip: is missing/],
    ['a query of another form', (p) => Object.assign(p.targets[0] ?? {}, { format: 'xml' }), /xml/],
    [
      'an override of nothing',
      (p) =>
        p.fieldConfig.overrides.push({
          matcher: { id: 'byName', options: 'x' },
          properties: [{ id: 'custom.lineWeight', value: 1 }],
        }),
      /no lineWeight/,
    ],
  ])('a panel with %s is refused', (_, spoil, message) => {
    const panel = structuredClone(panels[1]) as PanelModel;
    spoil(panel);
    expect(panelFaults(sdk, panel).join('\n')).toMatch(message);
  });

  test('a dashboard with a property or a word it does not know is refused', () => {
    const odd = { ...dashboard, panes: [], graphTooltip: 7 };
    const faults = sdk.faults(odd, 'dashboard', 'Dashboard').join('\n');
    expect(faults).toMatch(/Dashboard\.panes: the SDK declares no such property/);
    expect(faults).toMatch(/graphTooltip: 7 is not of type/);
  });
});

/** What the SDK leaves open in a panel of any kind, compared with what it declares for this kind. */
function panelFaults(sdk: SdkTypes, panel: PanelModel): string[] {
  const module = MODULES.get(panel.type);
  if (module === undefined) return [`there is no panel ${panel.type}`];
  const { defaults, overrides } = panel.fieldConfig;
  return [
    ...sdk.faults(panel.options, module, 'Options'),
    ...sdk.faults(defaults.custom, module, 'FieldConfig'),
    ...panel.targets.flatMap((target) => sdk.faults(target, 'prometheus', 'Dataquery')),
    ...overrides
      .flatMap(({ properties }) => properties)
      .flatMap(({ id, value }) =>
        id.startsWith('custom.')
          ? sdk.faults(value, module, 'FieldConfig', id.slice('custom.'.length))
          : sdk.faults(value, 'dashboard', 'FieldConfig', id),
      ),
  ];
}

function cellsOf({ x, y, w, h }: PanelModel['gridPos']): string[] {
  return Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`);
}
