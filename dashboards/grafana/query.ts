import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** The data source of every query, by the uid that Grafana's provisioning gives it. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: 'understudy-prometheus' };

/** As often as Prometheus scrapes; a smaller step would only repeat samples. */
const STEP = '1s';

/** Selects the series of the group and mode that the reader chose: what the lab says of them. */
export const CHOSEN_GROUPS = 'group=~"$group", mode=~"$mode"';

/** Selects the series of the nodes that the reader chose. */
export const CHOSEN_NODES = `${CHOSEN_GROUPS}, node=~"$node"`;

/**
 * A query over the time that is shown.
 * @param refId what the panel calls it: `A`, `B`, …
 * @param expr PromQL; may name the dashboard's variables
 * @param legend what a series is called; `{{label}}` stands for a label's value
 */
export function lines(refId: string, expr: string, legend: string): DataqueryBuilder {
  return query(refId, expr).format(PromQueryFormat.TimeSeries).legendFormat(legend);
}

/** The same as rows, one a sample, with a column for each label. */
export function rows(refId: string, expr: string): DataqueryBuilder {
  return query(refId, expr).format(PromQueryFormat.Table);
}

function query(refId: string, expr: string): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refId)
    .datasource(DATA_SOURCE)
    .expr(expr)
    .interval(STEP)
    .range();
}
