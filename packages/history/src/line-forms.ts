import { fieldPatterns } from './field-pattern.ts';
import { type LineForm, lineFormOf } from './line-form.ts';
import { type Operation, operationSchema } from './operation.ts';

/** More are not learned: each costs the lines that are of none of them a look. */
const FORMS_LIMIT = 48;
/** Nor is one looked for in more lines: a history may be written in a way that has none. */
const LOOKS_LIMIT = 1000;

/** The fields of each operation, of those all of whose fields are plain. */
const fieldsOf = new Map(
  operationSchema.options.map((schema) => [schema.shape.op.value, fieldPatterns(schema)]),
);

/**
 * Reads operations off lines, in about half the time it takes to parse them as JSON and check them. A
 * program writes the fields of an operation in the same order each time, so a history of any
 * length has some dozen forms of lines. Each is learned from its first line, as a regular
 * expression that only lines with valid fields match: `{"seq":(…),"at":(…),"op":"attempt",…}`.
 *
 * A line that is of no known form (other fields, other spaces, escapes, whatever is wrong) is left
 * to parser and schema, which say what it is, or what is wrong with it.
 */
export class LineForms {
  readonly #forms: LineForm[] = [];
  #last: LineForm | undefined;
  #looks = 0;

  /** The operation on a line; undefined when the line is of no known form. */
  read(line: string): Operation | undefined {
    const expected = this.#last?.next;
    if (expected) {
      const match = expected.pattern.exec(line);
      if (match) return this.#found(expected, match);
    }
    for (const form of this.#forms) {
      const match = form === expected ? null : form.pattern.exec(line);
      if (match) return this.#found(form, match);
    }
    return undefined;
  }

  /** Learns the form of a line that parser and schema found to hold `operation`. */
  learn(line: string, operation: Operation): void {
    if (this.#looks >= LOOKS_LIMIT || this.#forms.length >= FORMS_LIMIT) return;
    this.#looks += 1;
    const fields = fieldsOf.get(operation.op);
    const form = fields && lineFormOf(operation, fields);
    if (form?.pattern.test(line)) this.#forms.push(form);
  }

  #found(form: LineForm, match: RegExpExecArray): Operation {
    if (this.#last) this.#last.next = form;
    this.#last = form;
    return form.build(match, form.texts);
  }
}
