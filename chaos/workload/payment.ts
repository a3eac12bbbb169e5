/** One line of the input, which is the data of one job. Other fields are kept as they are. */
export interface Payment {
  /** The job's identity, whatever id the queue gives it. */
  readonly id: string;
  readonly account: string;
  /** A whole number of cents, zero or more. */
  readonly amountCents: number;
  readonly [field: string]: unknown;
}
