export { commitUntilKnown, type CommitUntilKnownOptions } from './commit-until-known.ts';
export { CommitUnknown, InvalidCommit, LedgerUnavailable } from './errors.ts';
export type { FencingToken } from './fencing-token.ts';
export type {
  CommitOutcome,
  CommitRequest,
  Credit,
  EpochReading,
  JobSequence,
  KeyMaintenance,
  Ledger,
  MintOutcome,
  MintRequest,
} from './ledger.ts';
export { redisLedger, type RedisLedgerOptions } from './redis-ledger.ts';
export { type LedgerScripts, ledgerScripts } from './scripts.ts';
export { smallLedgerKeys } from './small-ledger.ts';
