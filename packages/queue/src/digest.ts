import { hash } from 'node:crypto';

const DIGEST_CHARACTERS = 22;

/**
 * A digest of a JSON value that does not depend on the order of fields: 128 bits of SHA-256 over
 * its text with sorted fields, as 22 URL-safe characters.
 */
export function canonicalDigest(value: unknown): string {
  return hash('sha256', canonicalText(value), 'base64url').slice(0, DIGEST_CHARACTERS);
}

function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalText(field)}`).join(',')}}`;
}
