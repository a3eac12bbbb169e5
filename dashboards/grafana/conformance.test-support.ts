import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SDK = '@grafana/grafana-foundation-sdk';
/** The SDK marks what it means to be a query with a method; a value in JSON has none. */
const MARK = '_implementsDataqueryVariant';

/**
 * The types that the SDK declares, as schemas: its JSON schemas are made from the same definitions, but
 * its npm package does not bring them. A value conforms when it has what is required, nothing that is
 * not declared, and everything of the declared type or one of the declared words.
 */
export class SdkTypes {
  readonly #checker: ts.TypeChecker;
  readonly #modules: ReadonlyMap<string, ts.Symbol>;

  /** @param modules those whose types will be asked for, such as `dashboard`. Takes about a second. */
  constructor(modules: readonly string[]) {
    const entry = fileURLToPath(new URL('conformance-entry.ts', import.meta.url));
    const text = modules.map((name) => `export * as ${name} from '${SDK}/${name}';`).join('\n');
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2024,
      types: [],
      strict: true,
    };
    const host = ts.createCompilerHost(options);
    const onDisk = host.getSourceFile.bind(host);
    host.getSourceFile = (path, ...rest) =>
      path === entry
        ? ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
        : onDisk(path, ...rest);
    const program = ts.createProgram([entry], options, host);
    this.#checker = program.getTypeChecker();
    const source = program.getSourceFile(entry);
    const exported = source && this.#checker.getSymbolAtLocation(source);
    if (!exported) throw new Error(`${SDK} could not be read: is it installed?`);
    this.#modules = new Map(
      this.#checker.getExportsOfModule(exported).map((symbol) => [symbol.name, symbol]),
    );
  }

  /**
   * What in `value` is not as the SDK declares `type` of `module` to be: a line each, with the path.
   * @param property one of the type's properties, where only that is to be compared
   */
  faults(value: unknown, module: string, type: string, property?: string): string[] {
    const whole = this.#typeOf(module, type);
    if (property === undefined) return this.#compare(value, whole, type);
    const symbol = whole.getProperty(property);
    if (!symbol) return [`${type} has no ${property}`];
    return this.#compare(value, this.#checker.getTypeOfSymbol(symbol), `${type}.${property}`);
  }

  #typeOf(module: string, type: string): ts.Type {
    const alias = this.#modules.get(module);
    const exported =
      alias &&
      this.#checker
        .getExportsOfModule(this.#checker.getAliasedSymbol(alias))
        .find(({ name }) => name === type);
    if (!exported) throw new Error(`${SDK} declares no ${type} in ${module}`);
    const symbol =
      exported.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
    return this.#checker.getDeclaredTypeOfSymbol(symbol);
  }

  #compare(value: unknown, type: ts.Type, path: string): string[] {
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
    if (type.isUnion()) {
      const each = type.types.map((member) => this.#compare(value, member, path));
      if (each.some((faults) => faults.length === 0)) return [];
      // The member that comes nearest says most about what is wrong.
      const deepest = each.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
      return depth(deepest) > depth([path]) ? deepest : [this.#refusal(value, type, path)];
    }
    if (this.#checker.isArrayType(type)) {
      if (!Array.isArray(value)) return [this.#refusal(value, type, path)];
      const [element] = this.#checker.getTypeArguments(type as ts.TypeReference);
      if (!element) return [];
      return value.flatMap((item, index) => this.#compare(item, element, `${path}[${index}]`));
    }
    if (type.flags & ts.TypeFlags.Object) return this.#compareObject(value, type, path);
    return matches(value, type) ? [] : [this.#refusal(value, type, path)];
  }

  #compareObject(value: unknown, type: ts.Type, path: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [this.#refusal(value, type, path)];
    }
    const declared = new Map(
      type
        .getProperties()
        .filter(({ name }) => name !== MARK)
        .map((symbol) => [symbol.name, symbol]),
    );
    // A query of any data source: what it may hold is declared where the source is.
    if (declared.size === 0 && type.getProperty(MARK)) return [];
    const anyName = type.getStringIndexType();
    const wrong = Object.entries(value).flatMap(([name, item]) => {
      const symbol = declared.get(name);
      const expected = symbol ? this.#checker.getTypeOfSymbol(symbol) : anyName;
      if (!expected) return [`${path}.${name}: the SDK declares no such property`];
      return this.#compare(item, expected, `${path}.${name}`);
    });
    const missing = [...declared.values()]
      .filter(({ flags, name }) => !(flags & ts.SymbolFlags.Optional) && !(name in value))
      .map(({ name }) => `${path}.${name}: is missing`);
    return [...wrong, ...missing];
  }

  #refusal(value: unknown, type: ts.Type, path: string): string {
    return `${path}: ${JSON.stringify(value)} is not of type ${this.#checker.typeToString(type)}`;
  }
}

function matches(value: unknown, type: ts.Type): boolean {
  if (type.isStringLiteral() || type.isNumberLiteral()) return value === type.value;
  if (type.flags & ts.TypeFlags.BooleanLiteral) {
    return value === ((type as ts.Type & { intrinsicName: string }).intrinsicName === 'true');
  }
  if (type.flags & ts.TypeFlags.Null) return value === null;
  if (type.flags & ts.TypeFlags.String) return typeof value === 'string';
  if (type.flags & ts.TypeFlags.Number) return typeof value === 'number';
  return false;
}

/** How far into the value the first of some faults lies. */
function depth([first = '']: readonly string[]): number {
  return (first.split(':')[0] ?? '').split(/[.[]/).length;
}
