/**
 * The part of redlock 5.0.0-beta.2 that is used here. The package ships declarations, but its
 * `exports` map hides them from TypeScript.
 */
declare module 'redlock' {
  import type { Redis } from 'ioredis';

  export interface ExecutionStats {
    readonly membershipSize: number;
    readonly quorumSize: number;
    readonly votesFor: ReadonlySet<Redis>;
    readonly votesAgainst: ReadonlyMap<Redis, Error>;
  }

  /** Each promise resolves when every client has voted. */
  export interface ExecutionResult {
    readonly attempts: readonly Promise<ExecutionStats>[];
  }

  /** A client answered that the lock is somebody else's. */
  export class ResourceLockedError extends Error {}

  /** No quorum. */
  export class ExecutionError extends Error implements ExecutionResult {
    readonly attempts: readonly Promise<ExecutionStats>[];
  }

  export class Lock implements ExecutionResult {
    readonly resources: string[];
    readonly value: string;
    readonly attempts: readonly Promise<ExecutionStats>[];
    /** Wall clock ms. */
    expiration: number;
  }

  export default class Redlock {
    constructor(
      clients: Iterable<Redis>,
      settings: { readonly retryCount: number },
      scripts: {
        readonly acquireScript: (original: string) => string;
        readonly extendScript: (original: string) => string;
        readonly releaseScript: (original: string) => string;
      },
    );
    on(event: 'error', listener: (error: Error) => void): this;
    acquire(resources: string[], durationMs: number): Promise<Lock>;
    extend(lock: Lock, durationMs: number): Promise<Lock>;
    release(lock: Lock): Promise<ExecutionResult>;
  }
}
