export { allCheckers, judge, type Judging, startJudging } from './judge.ts';
export { takeoverLimitMs } from './takeovers.ts';
export type {
  Anomaly,
  CheckerName,
  CheckerResult,
  Counts,
  Status,
  Takeover,
  Verdict,
} from './verdict.ts';
