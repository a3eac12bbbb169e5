// Writes schema/history.schema.json, formatted as everything here. Run it after a change of the
// schemas (npm run generate-schema -w @understudy/history); a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { historyJsonSchema } from '../src/json-schema.ts';

const path = fileURLToPath(new URL('../schema/history.schema.json', import.meta.url));
const options = { ...(await resolveConfig(path)), filepath: path };
writeFileSync(path, await format(JSON.stringify(historyJsonSchema()), options));
