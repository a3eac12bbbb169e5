/**
 * What proves to the ledger who may commit: the number of a term and its random id. The ledger
 * compares both for equality (Kleppmann's fencing token compares by order; equality also tells two
 * terms apart that a store which forgot its epochs gave the same number).
 */
export interface FencingToken {
  readonly epoch: number;
  readonly term: string;
}
