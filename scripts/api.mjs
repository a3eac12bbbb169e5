// `npm run api`: writes docs/api/, a page for each package that users call, from its docstrings. With
// `--check` it writes nothing, and ends with status 1 where the pages are not what the sources say.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Comment, Converter, ReflectionKind } from 'typedoc';
import ts from 'typescript';

/** What is called by name from outside of the repository; the other packages are what these are made of. */
const FOLDERS = [
  'chaos',
  ...['bullmq', 'exactly-once', 'lease', 'testkit', 'worker'].map((name) => `packages/${name}`),
];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pages = join(root, 'docs', 'api');

/** The files that say what a package offers, and its name. */
const entries = FOLDERS.map((folder) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const { name, description, exports } = manifest;
  return { name, description, file: join(root, folder, exports['.']) };
});
const files = entries.map(({ file }) => file);

if (process.argv.includes('--check')) {
  const made = mkdtempSync(join(tmpdir(), 'understudy-api-'));
  try {
    await write(made);
    const stale = differing(made, pages);
    if (stale.length > 0) {
      process.stderr.write(
        `docs/api is not what the docstrings say (${stale.join(', ')}): run \`npm run api\` and commit it.\n`,
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
} else {
  await write(pages);
}

/** Writes all pages into a folder, in place of what is there. */
async function write(out) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: files,
    out,
    name: 'API reference',
    readme: 'none',
    // What is written must be the same on every machine and in every clone.
    disableSources: true,
    hideGenerator: true,
    // `npm run types` does it.
    skipErrorChecking: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    preservedTypeAnnotationTags: ['@throws'],
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
    logLevel: 'Warn',
    // One page a package, in tables: that is compact.
    router: 'module',
    excludeScopesInPaths: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    ...tables('index', 'parameters', 'interfaceProperties', 'classProperties'),
    ...tables('typeAliasProperties', 'typeDeclaration', 'propertyMembers'),
  });
  // Not the files of tsconfig.json, but what the packages offer and what that needs: a third of them.
  app.options.setCompilerOptions(files, compilerOptions(), undefined);
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const { name, description } = entryOf(reflection.name);
    reflection.name = name;
    reflection.comment = new Comment([{ kind: 'text', text: description }]);
  });
  const project = await app.convert();
  if (!project) throw new Error('typedoc could not read the packages');
  app.validate(project);
  for (const { comment } of Object.values(project.reflections)) nameErrors(comment);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}

/** Says by its name what is thrown, which the writer of Markdown leaves out. */
function nameErrors(comment) {
  for (const tag of comment?.blockTags ?? []) {
    if (tag.tag !== '@throws' || !tag.typeAnnotation) continue;
    const name = tag.typeAnnotation.replace(/[{}]/g, '').trim();
    tag.content.unshift({ kind: 'code', text: `\`${name}\`` }, { kind: 'text', text: ' ' });
  }
}

/** The entry that TypeDoc calls by its folder. */
function entryOf(module) {
  const entry = entries.find(({ file }) => file.startsWith(join(root, module)));
  if (!entry) throw new Error(`${module} is none of the entry files of the packages`);
  return entry;
}

function tables(...groups) {
  return Object.fromEntries(groups.map((group) => [`${group}Format`, 'table']));
}

function compilerOptions() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root).options;
}

/** The pages that are in one of two folders only, or differ. */
function differing(one, other) {
  const read = (folder) =>
    new Map(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => join(parentPath, name))
        .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
    );
  const [made, kept] = [read(one), read(other)];
  return [...new Set([...made.keys(), ...kept.keys()])].filter(
    (page) => made.get(page) !== kept.get(page),
  );
}
