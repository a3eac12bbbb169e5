/** What the tests run with. Older versions lack what the code uses, and newer ones are hoped for. */
const ENGINES = { node: '>=24' };
const FOR_DEVELOPMENT = new Set(['private', 'scripts', 'devDependencies']);
const SOURCE = /\.ts$/;

/**
 * The package.json of a tarball: that of the workspace, with the compiled file wherever it names a
 * source, and without what is for development only. `private` goes as well: here it keeps sources from
 * being published by accident, and a tarball is made to be.
 * @param {Record<string, any>} manifest of the workspace
 * @param {ReadonlyMap<string, string>} versions of all packages that are packed, by name
 */
export function packedManifest(manifest, versions) {
  const kept = Object.entries(manifest).filter(([field]) => !FOR_DEVELOPMENT.has(field));
  demandPinned(manifest, versions);
  return {
    ...Object.fromEntries(kept),
    engines: ENGINES,
    exports: { ...mapped(manifest.exports, withTypes), './package.json': './package.json' },
    ...(manifest.imports ? { imports: mapped(manifest.imports, compiled) } : {}),
    ...(Array.isArray(manifest.sideEffects)
      ? { sideEffects: manifest.sideEffects.map(compiled) }
      : {}),
  };
}

/** The packages are made for each other, so that none may be combined with one of another version. */
function demandPinned({ name, dependencies = {}, peerDependencies = {} }, versions) {
  for (const [needed, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
    const version = versions.get(needed);
    if (version !== undefined && range !== version) {
      throw new Error(`${name} must need ${needed} at ${version}, and says ${range}`);
    }
  }
}

function mapped(targets, change) {
  return Object.fromEntries(Object.entries(targets).map(([name, path]) => [name, change(path)]));
}

function compiled(path) {
  return path.replace(SOURCE, '.js');
}

/** TypeScript takes the first condition that it knows, so its own comes first. */
function withTypes(path) {
  if (!SOURCE.test(path)) return path;
  return { types: path.replace(SOURCE, '.d.ts'), default: compiled(path) };
}
