import { z } from 'zod';
import { headerSchema } from './header.ts';
import { operationSchema } from './operation.ts';

/**
 * One line of a history in JSON Schema (draft 2020-12), made from the schemas the reader uses.
 * Committed as `schema/history.schema.json`, for those who write histories in other languages.
 */
export function historyJsonSchema(): Record<string, unknown> {
  const line = z.union([headerSchema, operationSchema]);
  return {
    $id: 'urn:understudy:history:1',
    title: 'One line of a history of Understudy',
    description: 'The first line is the header; every other line is an operation.',
    ...z.toJSONSchema(line, { target: 'draft-2020-12', io: 'input' }),
  };
}
