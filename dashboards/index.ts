export {
  type Choice,
  EVERYTHING,
  type Expression,
  expressions,
  withChoice,
} from './expressions.ts';
export { type DashboardModel, type PanelModel, readDashboard } from './grafana/dashboard-file.ts';
export { NODE_STATES } from './grafana/node-states.ts';
export { DASHBOARD_FILE, PROMETHEUS_FOLDER } from './places.ts';
export { type Alert, alertsOf, readRules, type RecordingRule } from './prometheus/rules.ts';
