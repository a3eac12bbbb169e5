export { allCheckers, judge, type Judging, startJudging } from './judge.ts';
export { takeoverLimitMs } from './takeover-limit.ts';
export type {
  Anomaly,
  CheckerName,
  CheckerResult,
  Counts,
  Status,
  Takeover,
  Verdict,
} from './verdict.ts';
