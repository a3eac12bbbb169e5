// Writes schema/history.schema.json. Run it after a change of the schemas; a test compares.
import { writeFileSync } from 'node:fs';
import { historyJsonSchema } from '../src/json-schema.ts';

const target = new URL('../schema/history.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(historyJsonSchema(), null, 2)}\n`);
