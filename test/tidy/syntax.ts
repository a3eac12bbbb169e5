import ts from 'typescript';

/** The syntax tree of one TypeScript file; nothing is resolved. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every node of a syntax tree, parents first. */
function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** What a file exports by declaring it: one entry a name, with the statement that declares it. */
export function exportedDeclarations(
  file: ts.SourceFile,
): { name: string; statement: ts.Statement }[] {
  return file.statements.filter(isExported).flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      const { declarations } = statement.declarationList;
      return declarations.map(({ name }) => ({ name: name.getText(file), statement }));
    }
    const { name } = statement as ts.DeclarationStatement;
    return [{ name: name?.getText(file) ?? 'default', statement }];
  });
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  const modifiers = ts.getModifiers(statement) ?? [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

/** The names of the tests and groups of tests in a file: the first text given to test, it, describe. */
export function testNames(file: ts.SourceFile): string[] {
  const names: string[] = [];
  for (const node of nodesOf(file)) {
    if (!ts.isCallExpression(node)) continue;
    const [first] = node.arguments;
    if (!first || !/^(test|it|describe)\b/.test(node.expression.getText(file))) continue;
    if (ts.isStringLiteralLike(first) || ts.isTemplateExpression(first)) {
      names.push(first.getText(file));
    }
  }
  return names;
}
