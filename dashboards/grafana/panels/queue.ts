import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CHOSEN_NODES, lines } from '../query.ts';
import { linePanel } from './line-panel.ts';

/** What is in the queue, by state. Every node asks the same queue: the highest answer is taken. */
export function backlog(): PanelBuilder {
  return linePanel(
    'Backlog',
    'Jobs in the queue by state. Waiting ones pile up during a takeover and must melt afterwards; ' +
      'parked ones were given up and wait for a person.',
    'short',
    { look: 1000, bad: 10_000 },
  )
    .withTarget(
      lines(
        'A',
        `sum by (state) (max by (group, state) (understudy_queue_jobs{${CHOSEN_NODES}}))`,
        '{{state}}',
      ),
    )
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('states'))
    .decimals(0)
    .fillOpacity(40);
}

/** How long the job has waited that has waited longest. */
export function oldestJob(): PanelBuilder {
  return linePanel(
    'Oldest waiting job',
    'The age of the job that has waited longest, by group: what the slowest customer sees. A takeover ' +
      'is a small ramp; a line that rises steadily is a queue of which nobody takes.',
    's',
    { look: 5, bad: 30 },
  ).withTarget(
    lines(
      'A',
      `max by (group) (understudy_oldest_waiting_job_age_seconds{${CHOSEN_NODES}})`,
      '{{group}}',
    ),
  );
}
