export { MetricsNotServed } from './errors.ts';
export { type LabMetrics, type LabScope, openLabMetrics, VERDICTS } from './lab-metrics.ts';
export { findPrometheusProgram, type FoundProgram } from './find-prometheus-program.ts';
export {
  createLogger,
  LOG_LEVELS,
  type LogFields,
  type Logger,
  type LogLevel,
  silentLogger,
} from './logger.ts';
export { LoopLag } from './loop-lag.ts';
export { metricsAddress, type MetricsAddress, metricsEnvironment } from './metrics-environment.ts';
export type { Labelled, Labels, MetricsPage } from './metrics-page.ts';
export {
  type MetricsServer,
  type MetricsServerOptions,
  type Readiness,
  serveMetrics,
} from './metrics-server.ts';
export {
  JOB_STATES,
  NODE_CONNECTIONS,
  NODE_STATES,
  type NodeLabels,
  type NodeMetrics,
  openNodeMetrics,
} from './node-metrics.ts';
export { openProducerMetrics, type ProducerMetrics } from './producer-metrics.ts';
