/**
 * Proves to the ledger who may commit. The epoch orders terms, the term tells two holders of one
 * epoch apart: the ledger compares both for equality.
 */
export interface FencingToken {
  /** Number of the term; strictly increasing in a group. */
  readonly epoch: number;
  /** Random id of the term. */
  readonly term: string;
}
