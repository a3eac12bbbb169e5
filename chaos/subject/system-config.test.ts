import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSystemConfig } from './system-config.ts';

const SYSTEM_CONFIG = new URL('./system-config.ts', import.meta.url).href;

/** What a config says, and what is said of it. */
const CONFIGS: Readonly<Record<string, readonly [text: string, said: RegExp]>> = {
  'a mistake in its syntax': [
    'export default { nodes: ',
    /cannot be loaded: .*Correct the syntax there/,
  ],
  'an import of what is not there': [
    "import x from './nowhere.ts';\nexport default x;",
    /cannot be loaded: .*Install what it imports, or correct the path/,
  ],
  'what Node cannot take out': [
    'enum A { B }\nexport default A;',
    /cannot be loaded: .*leaving the types out: no enum/,
  ],
  'code that throws': ["throw new TypeError('no password');", /cannot be loaded: no password/],
  'no default export': ['export const a = 1;', /has no default export: write `export default/],
  'a default export that is no system': ['export default 42;', /is no system, but number/],
  'mistakes in types': [
    "export default { nodes: { command: 5 }, enqueue: 'x', readEfects() {} };",
    /enqueue: expected a function.*readEffects: expected a function.*readEfects.*nodes\.command: expected/,
  ],
  'a system': [
    "const command: string = 'npm run worker';\nexport default { nodes: { command }, enqueue() {}, readEffects: () => [] };",
    /^\{"cwd":".*understudy-config-.*","command":"npm run worker"\}$/,
  ],
};

let directory: string;
let said: Readonly<Record<string, string>>;

// In a process of its own: here vitest would take the types out, and says other things than Node.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-config-'));
  const paths = Object.entries(CONFIGS).map(([name, [text]], i) => {
    mkdirSync(join(directory, String(i)));
    const path = join(directory, String(i), 'understudy.config.ts');
    writeFileSync(path, text);
    return [name, path] as const;
  });
  const script = `
    const { loadSystem } = await import(${JSON.stringify(SYSTEM_CONFIG)});
    const said = {};
    for (const [name, path] of ${JSON.stringify(paths)}) {
      said[name] = await loadSystem(path).then(
        (system) => JSON.stringify(system.nodes[0]),
        (error) => error.code + ' ' + error.message.replaceAll('\\n', ' '),
      );
    }
    console.log(JSON.stringify(said));`;
  const heard = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  said = JSON.parse(heard) as Record<string, string>;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each(Object.entries(CONFIGS))(
  'a config with %s is told so, and what to do',
  (name, [, pattern]) => {
    expect(said[name]).toMatch(pattern);
    if (name !== 'a system') expect(said[name]).toMatch(/^SYSTEM_UNUSABLE /);
  },
);

test('the nearest config upwards is taken, and where there is none that is said', () => {
  const below = join(directory, '0', 'src', 'deep');
  mkdirSync(below, { recursive: true });
  expect(findSystemConfig(below)).toBe(join(directory, '0', 'understudy.config.ts'));
  expect(() => findSystemConfig(directory)).toThrow(/there is no understudy\.config\.ts in/);
});
