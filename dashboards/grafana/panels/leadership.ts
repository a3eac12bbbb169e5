import {
  LineInterpolation,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { nodeStateMappings } from '../node-states.ts';
import { CHOSEN_NODES, DATA_SOURCE, lines } from '../query.ts';
import { legendBelow, linePanel, thresholds, tooltipOfAll } from './line-panel.ts';

/** Who processes, over time: a row a node, and red where a node gives no sign. */
export function processingNode(): StateTimelineBuilder {
  return (
    new StateTimelineBuilder()
      .title('Processing node')
      .description(
        'The state of each node over time; in active-passive one is active, in active-active all are. ' +
          'Down: Prometheus had no answer from it, because it was killed, is paused or is cut off. ' +
          'Nodes of the same name in several groups share a row: choose one group to tell them apart.',
      )
      .datasource(DATA_SOURCE)
      .withTarget(lines('A', `max by (node) (understudy_node_state{${CHOSEN_NODES}})`, '{{node}}'))
      .unit('none')
      .mappings(nodeStateMappings())
      // The mappings paint; with colours from thresholds the legend would not name the states.
      .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor('text'))
      .thresholds(thresholds({}))
      .showValue(VisibilityMode.Auto)
      .mergeValues(true)
      .rowHeight(0.85)
      .fillOpacity(80)
      .spanNulls(false)
      .legend(legendBelow())
      .tooltip(tooltipOfAll())
      .span(24)
      .height(8)
  );
}

/** Under which epoch each node leads. */
export function epoch(): PanelBuilder {
  return linePanel(
    'Epoch',
    'The epoch under which a node leads: it rises by one or more at each takeover, and no two nodes ' +
      'may ever have the same. No line: nobody leads, or the group has no leader.',
    'none',
    {},
  )
    .withTarget(lines('A', `max by (node) (understudy_epoch{${CHOSEN_NODES}} > 0)`, '{{node}}'))
    .decimals(0)
    .lineWidth(2)
    .lineInterpolation(LineInterpolation.StepAfter);
}

/** How long takeovers took. */
export function takeoverDurations(): PanelBuilder {
  const buckets = `sum by (le) (increase(understudy_takeover_duration_seconds_bucket{${CHOSEN_NODES}}[5m]))`;
  const last = `max by (node) (understudy_last_takeover_duration_seconds{${CHOSEN_NODES}} > 0)`;
  return (
    linePanel(
      'Takeover durations',
      'From the moment a node saw that the lease was to be had until it was active: the last of each ' +
        'node, and median and 95th percentile of all takeovers of five minutes. Half a second is the ' +
        'limit after a kill; the TTL and a second after a pause or a cut line.',
      's',
      { look: 0.5, bad: 3 },
    )
      .withTarget(lines('A', last, '{{node}}'))
      .withTarget(lines('B', `histogram_quantile(0.5, ${buckets})`, 'p50'))
      .withTarget(lines('C', `histogram_quantile(0.95, ${buckets})`, 'p95'))
      // Milliseconds after a kill, seconds after a pause: both must be legible.
      .scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10))
      .min(0.001)
      .fillOpacity(0)
      .lineInterpolation(LineInterpolation.StepAfter)
  );
}
