import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CHOSEN_GROUPS, CHOSEN_NODES, lines } from '../query.ts';
import { linePanel } from './line-panel.ts';

/** What each node commits, on top of each other: the whole is what the group gets done. */
export function effects(): PanelBuilder {
  return linePanel(
    'Effects by node',
    'Effects committed a second, averaged over five seconds, the nodes stacked: who does the work, ' +
      'and how deep and long the dent of a takeover is.',
    'suffix: effects/s',
    {},
  )
    .withTarget(
      lines(
        'A',
        `sum by (node) (rate(understudy_effects_committed_total{${CHOSEN_NODES}}[5s]))`,
        '{{node}}',
      ),
    )
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('nodes'))
    .fillOpacity(60);
}

/** Second attempts that took no effect, and, where the lab looks, those that did. */
export function duplicates(): PanelBuilder {
  return linePanel(
    'Duplicates suppressed',
    'Commits within ten seconds whose job already had its effect, by the node that tried: they change ' +
      'nothing. Escaped: effects of jobs that already had one, as the lab read them from the effect ' +
      'log. Those must be none, except in an uncoordinated group.',
    'short',
    {},
  )
    .withTarget(
      lines(
        'A',
        `sum by (node) (increase(understudy_duplicates_suppressed_total{${CHOSEN_NODES}}[10s]))`,
        '{{node}}',
      ),
    )
    .withTarget(
      lines(
        'B',
        `sum by (group) (increase(understudy_duplicate_effects_total{${CHOSEN_GROUPS}}[10s]))`,
        'escaped in {{group}}',
      ),
    )
    .decimals(0)
    .overrideByRegexp('^escaped', [
      { id: 'color', value: { mode: 'fixed', fixedColor: 'semi-dark-red' } },
      { id: 'custom.lineWidth', value: 3 },
    ]);
}

/** Commits of leaders that were no longer leaders. */
export function fencedCommits(): PanelBuilder {
  return linePanel(
    'Fenced commits',
    'Commits within ten seconds that the ledger refused because another node leads by now, by the ' +
      'node that tried. Some are normal where a paused leader wakes up; a steady stream is a leader ' +
      'that does not let go.',
    'short',
    { look: 1, bad: 100 },
  )
    .withTarget(
      lines(
        'A',
        `sum by (node) (increase(understudy_commits_fenced_total{${CHOSEN_NODES}}[10s]))`,
        '{{node}}',
      ),
    )
    .decimals(0);
}
