import type { FieldPattern } from './field-pattern.ts';
import { LastText } from './last-text.ts';
import type { Operation } from './operation.ts';

/** Lines with the same fields in the same order. */
export interface LineForm {
  /** Matches lines of this form whose fields are valid; of some of those it knows nothing. */
  readonly pattern: RegExp;
  readonly texts: readonly LastText[];
  /** Makes the operation that a match holds. */
  readonly build: (match: RegExpExecArray, texts: readonly LastText[]) => Operation;
  /** The form of the line that came after the last line of this form. */
  next: LineForm | undefined;
}

/** The form of a line that holds `operation`; undefined when it has a field that is not plain, or none can be made. */
export function lineFormOf(
  operation: Operation,
  fields: ReadonlyMap<string, FieldPattern>,
): LineForm | undefined {
  const sources: string[] = [];
  const properties: string[] = [];
  const texts: LastText[] = [];
  let group = 0;
  for (const [name, value] of Object.entries(operation)) {
    const field = fields.get(name);
    if (!field) return undefined;
    if (field.kind === 'choice') {
      // Validated by the schema, so one of its words: each makes a form of its own.
      const choice = JSON.stringify(value);
      sources.push(`"${name}":${choice}`);
      properties.push(`"${name}": ${choice}`);
      continue;
    }
    group += 1;
    sources.push(`"${name}":${field.source}`);
    properties.push(
      field.kind === 'number'
        ? `"${name}": +match[${group}]`
        : `"${name}": texts[${texts.push(new LastText()) - 1}].own(match[${group}])`,
    );
  }
  const pattern = new RegExp(`^\\{${sources.join(',')}\\}$`);
  const build = builder(properties);
  return build && { pattern, texts, build, next: undefined };
}

/**
 * Code, because an object whose fields are set by name, one by one, takes longer to make than its
 * line takes to parse. Nothing of a line gets into it: names and choices are words of the schema.
 * Undefined where a process may not make code of texts: then every line is parsed.
 */
function builder(properties: readonly string[]): LineForm['build'] | undefined {
  const body = `return { ${properties.join(', ')} };`;
  try {
    return new Function('match', 'texts', body) as LineForm['build'];
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
