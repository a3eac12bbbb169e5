import {
  DashboardBuilder,
  DashboardCursorSync,
  TimePickerBuilder,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { faults, variables } from './choices.ts';
import { eventLoopLag, latency, redisReconnects } from './panels/health.ts';
import { lastTakeovers } from './panels/last-takeovers.ts';
import { epoch, processingNode, takeoverDurations } from './panels/leadership.ts';
import { backlog, oldestJob } from './panels/queue.ts';
import { duplicates, effects, fencedCommits } from './panels/work.ts';

/** Something that becomes a panel: the builders of all kinds of panel have this in common. */
interface PanelSource {
  id(id: number): this;
  build(): Panel;
}

/** The panels, in the order in which they are read; Grafana's grid breaks the rows. */
const PANELS: readonly (() => PanelSource)[] = [
  processingNode,
  epoch,
  takeoverDurations,
  effects,
  duplicates,
  fencedCommits,
  backlog,
  oldestJob,
  latency,
  eventLoopLag,
  redisReconnects,
  lastTakeovers,
];

/** The text of `understudy.json`: the dashboard as Grafana reads it. The same every time. */
export function dashboardText(): string {
  // The classic form, which Grafana's file provisioning reads in all versions in use. The newer one
  // that the SDK would rather have needs a Grafana of its own age.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const dashboard = new DashboardBuilder('Understudy')
    .uid('understudy')
    .description('Who processes, what a takeover costs, and whether every job takes effect once.')
    .tags(['understudy'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-5m', to: 'now' })
    .refresh('2s')
    .timepicker(new TimePickerBuilder().refreshIntervals(['1s', '2s', '5s', '10s', '30s', '1m']))
    .variables(variables())
    .annotation(faults());
  PANELS.forEach((panel, index) => dashboard.withPanel(panel().id(index + 1)));
  const built = dashboard.build();
  // The SDK puts annotations where one has to open a menu to switch them off.
  for (const annotation of built.annotations.list ?? []) delete annotation.placement;
  return `${JSON.stringify(built, undefined, 2)}\n`;
}
