import { SyntaxValidator } from 'fast-xml-validator';
import { expect } from 'vitest';

/** Demands that a text is well-formed XML; what is wrong with it is in the failure. */
export function expectWellFormed(xml: string): void {
  expect(() => SyntaxValidator.validate(xml)).not.toThrow();
}
