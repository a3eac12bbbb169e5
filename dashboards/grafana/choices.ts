import {
  AnnotationQueryBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { CHOSEN_GROUPS, DATA_SOURCE, lines } from './query.ts';

/** What the reader may choose above the panels: group, mode, node; each narrows the next. */
export function variables(): QueryVariableBuilder[] {
  return [
    variable('group', 'Group', 'The unit of leadership.', 'understudy_node_state'),
    variable(
      'mode',
      'Mode',
      'active-passive: one leads; active-active: all work; uncoordinated: nothing protects.',
      'understudy_node_state{group=~"$group"}',
    ),
    variable('node', 'Node', 'A worker process.', `understudy_node_state{${CHOSEN_GROUPS}}`),
  ];
}

/** The values of the label `name` among the series of `selector`; all of them are chosen at first. */
function variable(
  name: string,
  label: string,
  description: string,
  selector: string,
): QueryVariableBuilder {
  const definition = `label_values(${selector}, ${name})`;
  return (
    new QueryVariableBuilder(name)
      .label(label)
      .description(description)
      .datasource(DATA_SOURCE)
      .definition(definition)
      // 1: the values of a label, in Grafana's editor of such queries.
      .query({ qryType: 1, query: definition, refId: `variable-${name}` })
      // A node that was started after the page was opened is found as well.
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.NaturalAsc)
      .multi(true)
      .includeAll(true)
      .allValue('.+')
      .current({ selected: true, text: ['All'], value: ['$__all'] })
  );
}

/**
 * Faults, as regions over every panel: consecutive samples a step apart are drawn as one. The query is
 * given twice, because Grafana looked for it beside the target before it looked within.
 */
export function faults(): AnnotationQueryBuilder {
  const expr = `understudy_fault_active{${CHOSEN_GROUPS}} == 1`;
  return new AnnotationQueryBuilder()
    .name('Faults')
    .datasource(DATA_SOURCE)
    .enable(true)
    .hide(false)
    .iconColor('semi-dark-red')
    .target(lines('faults', expr, '{{fault}}'))
    .expr(expr)
    .step('1s')
    .titleFormat('{{fault}}')
    .textFormat('on {{target}}')
    .tagKeys('fault,target');
}
