import {
  MappingType,
  SpecialValueMatch,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** A value of `understudy_node_state`, what it is called and how it is painted. */
interface ShownState {
  readonly value: number;
  readonly name: string;
  /** A colour of Grafana's palette, which has a shade of it for the dark theme and one for the light. */
  readonly color: string;
}

/** The states of a node, as `understudy_node_state` counts them. */
export const NODE_STATES: readonly ShownState[] = [
  { value: 0, name: 'starting', color: 'light-yellow' },
  { value: 1, name: 'passive', color: 'light-blue' },
  { value: 2, name: 'active', color: 'semi-dark-green' },
  { value: 3, name: 'draining', color: 'semi-dark-orange' },
  { value: 4, name: 'stopped', color: 'semi-dark-purple' },
];

/**
 * What the values of `understudy_node_state` are shown as, and what is shown where there is none. That
 * must be a special mapping: a mapping of values never matches what is not there.
 */
export function nodeStateMappings(): ValueMapping[] {
  const options = NODE_STATES.map(
    ({ value, name, color }, index) => [String(value), { text: name, color, index }] as const,
  );
  return [
    { type: MappingType.ValueToText, options: Object.fromEntries(options) },
    {
      type: MappingType.SpecialValue,
      options: {
        match: SpecialValueMatch.NullAndNan,
        result: { text: 'down', color: 'semi-dark-red', index: NODE_STATES.length },
      },
    },
  ];
}
