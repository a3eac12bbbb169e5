import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE } from '../query.ts';

/** From which value on something deserves a look, and from which on it is bad. */
export interface Limits {
  readonly look?: number;
  readonly bad?: number;
}

/** Columns of Grafana's grid that a third of a row has; three fit a laptop's 1366 pixels. */
const THIRD_OF_ROW = 8;
/** About 230 pixels: the first panel and a row of these fit a laptop's 768. */
const LINE_PANEL_HEIGHT = 6;

/**
 * A panel of lines: title, what it tells, unit and limits are what none goes without. The limits are
 * drawn as dashed lines. A node has the same colour in all of them.
 */
export function linePanel(
  title: string,
  description: string,
  unit: string,
  limits: Limits,
): PanelBuilder {
  return new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .unit(unit)
    .min(0)
    .thresholds(thresholds(limits))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(legendBelow())
    .tooltip(tooltipOfAll())
    .span(THIRD_OF_ROW)
    .height(LINE_PANEL_HEIGHT);
}

/** Green, then orange from `look` on, then red from `bad` on. */
export function thresholds({ look, bad }: Limits): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: 'green' },
      ...(look === undefined ? [] : [{ value: look, color: 'orange' }]),
      ...(bad === undefined ? [] : [{ value: bad, color: 'red' }]),
    ]);
}

/** The names of the series in a line below the panel. */
export function legendBelow(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom);
}

/** What all series are at the moment under the pointer, the highest first. */
export function tooltipOfAll(): VizTooltipOptionsBuilder {
  return new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
}
