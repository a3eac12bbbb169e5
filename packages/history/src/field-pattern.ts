import { z } from 'zod';

/**
 * How values of a field are written in JSON, if simply: what the schema refuses never matches
 * `source`, and what it accepts may not match either. It captures the value in one group, other
 * than for a choice among the schema's own words.
 */
export type FieldPattern =
  { readonly kind: 'text' | 'number'; readonly source: string } | { readonly kind: 'choice' };

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Characters that stand for themselves; escapes and halves of characters are the parser's. The empty
 * text is left out, since some texts may not be.
 */
const TEXT = '"([^"\\\\\\x00-\\x1f\\ud800-\\udfff]+)"';
/** So few digits that every such number is a safe integer. */
const POSITIVE = '[1-9][0-9]{0,14}';
const FRACTION = '(?:\\.[0-9]{1,15})?';
const SAFE = Number.MAX_SAFE_INTEGER;
const TEXT_WORDS = new Set(['type', 'description', 'minLength']);
const NUMBER_WORDS = new Set(['type', 'description', 'minimum', 'maximum', 'exclusiveMinimum']);

/** The patterns of the fields of `schema` by name; undefined unless all are plain. */
export function fieldPatterns(schema: z.ZodObject): Map<string, FieldPattern> | undefined {
  const { properties = {} } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  const patterns = new Map<string, FieldPattern>();
  for (const [name, property] of Object.entries(properties)) {
    const pattern = typeof property === 'object' ? patternOf(property) : undefined;
    if (!pattern || !isWord(name)) return undefined;
    patterns.set(name, pattern);
  }
  return patterns;
}

function patternOf(schema: JsonSchema): FieldPattern | undefined {
  const { const: constant, enum: members, type, minLength = 0 } = schema;
  const choices = members ?? (constant === undefined ? [] : [constant]);
  if (choices.length > 0) {
    const plain = choices.every((choice) => isWord(choice) || typeof choice === 'boolean');
    return plain ? { kind: 'choice' } : undefined;
  }
  if (type === 'boolean') return { kind: 'choice' };
  const words = Object.keys(schema);
  if (type === 'string') {
    const plain = words.every((word) => TEXT_WORDS.has(word)) && minLength <= 1;
    return plain ? { kind: 'text', source: TEXT } : undefined;
  }
  const number = type === 'number' || type === 'integer';
  if (!number || !words.every((word) => NUMBER_WORDS.has(word))) return undefined;
  const whole = wholeNumber(schema);
  if (whole === undefined) return undefined;
  const fraction = type === 'number' ? FRACTION : '';
  return { kind: 'number', source: `(${whole}${fraction})` };
}

/** The digits before the point; undefined for bounds that cannot be told by looking at digits. */
function wholeNumber(schema: JsonSchema): string | undefined {
  const { minimum = -SAFE, maximum = SAFE, exclusiveMinimum } = schema;
  if (maximum < SAFE) return undefined;
  if (exclusiveMinimum === 0) return POSITIVE;
  if (exclusiveMinimum !== undefined) return undefined;
  if (minimum === 0) return `(?:0|${POSITIVE})`;
  // Minus zero is left out: it is not what JSON makes of a zero.
  return minimum <= -SAFE && schema.type === 'integer' ? `(?:0|-?${POSITIVE})` : undefined;
}

/** Whether it can stand in a pattern, and in code, as it is. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z-]*$/.test(value);
}
