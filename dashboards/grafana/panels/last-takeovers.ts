import { TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { CHOSEN_NODES, DATA_SOURCE, rows } from '../query.ts';
import { thresholds } from './line-panel.ts';

const WHEN = 'When';
const HOW_LONG = 'How long';

/**
 * The takeovers of the time that is shown, the last on top. Each sample of a node says when its last
 * takeover was, how long it took and under which epoch it leads; the samples that say the same "when"
 * are one takeover.
 */
export function lastTakeovers(): PanelBuilder {
  return new PanelBuilder()
    .title('Last takeovers')
    .description(
      'Each takeover in the time that is shown: which node, under which epoch, when it became active, ' +
        'and how long it took from seeing that the lease was to be had. Empty in active-active.',
    )
    .datasource(DATA_SOURCE)
    .withTarget(rows('A', `1000 * ${ofTakers('understudy_last_takeover_timestamp_seconds')}`))
    .withTarget(rows('B', ofTakers('understudy_last_takeover_duration_seconds')))
    .withTarget(rows('C', ofTakers('understudy_epoch')))
    .transformations(oneRowATakeover())
    .unit('none')
    .thresholds(thresholds({ look: 0.5, bad: 3 }))
    .noValue('–')
    .overrideByName(WHEN, [{ id: 'unit', value: 'time:YYYY-MM-DD HH:mm:ss.SSS' }])
    .overrideByName(HOW_LONG, [
      { id: 'unit', value: 's' },
      { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
    ])
    .span(16)
    .height(6);
}

/** What the nodes that have ever taken over say of `metric`. */
function ofTakers(metric: string): string {
  const everTook = `understudy_last_takeover_timestamp_seconds{${CHOSEN_NODES}} > 0`;
  return `max by (node) (${metric}{${CHOSEN_NODES}} and on (group, mode, node) ${everTook})`;
}

function oneRowATakeover(): DataTransformerConfig[] {
  const names = {
    node: 'Node',
    'Value #C (max)': 'Epoch',
    'Value #A': WHEN,
    'Value #B (lastNotNull)': HOW_LONG,
  };
  return [
    // Samples of the same moment and node become one row.
    { id: 'merge', options: {} },
    {
      id: 'groupBy',
      options: {
        fields: {
          node: { operation: 'groupby', aggregations: [] },
          'Value #A': { operation: 'groupby', aggregations: [] },
          'Value #B': { operation: 'aggregate', aggregations: ['lastNotNull'] },
          // It falls to 0 when the node is deposed.
          'Value #C': { operation: 'aggregate', aggregations: ['max'] },
        },
      },
    },
    {
      id: 'organize',
      options: {
        excludeByName: {},
        indexByName: Object.fromEntries(Object.keys(names).map((name, index) => [name, index])),
        renameByName: names,
      },
    },
    { id: 'sortBy', options: { fields: {}, sort: [{ field: WHEN, desc: true }] } },
  ];
}
