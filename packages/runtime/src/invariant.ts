/**
 * Thrown when the program itself is wrong: an assumption its author made does not hold. Never
 * caught to go on; the process ends and the stack trace is the report.
 */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** Asserts what the programmer promised. What the world may do is handled, not asserted. */
export function invariant(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new InvariantViolation(`broken invariant: ${promise}`);
}

/** Closes a `switch` over a union: compiles only when every case is handled. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable case: ${JSON.stringify(value)}`);
}
