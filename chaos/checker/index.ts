export type {
  Anomaly,
  CheckerName,
  CheckerResult,
  Counts,
  Status,
  Takeover,
  Verdict,
} from './verdict.ts';
