import { filesMatching, type Tree } from '../tidy/tree.ts';

/** A command line that a document shows. */
export interface DocumentedCommand {
  /** The document, from the root of the repository. */
  readonly file: string;
  /** Its first line there, from 1. */
  readonly line: number;
  /** As a shell would split it. `<id>` is a place to fill, and no redirection. */
  readonly words: readonly string[];
  /** What is said beside it; empty where nothing is. */
  readonly comment: string;
}

/** What somebody reads who uses this; decisions and generated pages have no commands to type. */
const DOCUMENTS =
  /^(README|docs\/[^/]+|(chaos|dashboards|(packages|services|examples)\/[^/]+)\/README)\.md$/;
const FENCE = /^ *```(\S*)/;
const SHELLS = ['sh', 'bash', 'shell', 'console', 'zsh'];
/** A comment, or a word: letters and quoted parts. */
const TOKEN = /(#.*)|((?:"[^"]*"|'[^']*'|[^\s"'])+)/g;
const QUOTED = /"([^"]*)"|'([^']*)'/g;
/** What a shell does more than to split words; `<id>` is none of it. */
const SHELL_SYNTAX = /[|;&`]|\$\(|>>|(?<!<[a-z]+)>|<(?![a-z]+>)/;

/**
 * Every command line in the documents' blocks of shell, in the order of the documents.
 * @throws {TypeError} naming the line that has more in it than words, such as a pipe
 */
export function documentedCommands(tree: Tree): DocumentedCommand[] {
  return filesMatching(tree, DOCUMENTS).flatMap(([file, text]) =>
    shellLines(text).flatMap(({ line, text: written }) => {
      const { words, comment } = split(written, `${file}:${line}`);
      return words.length === 0 ? [] : [{ file, line, words, comment }];
    }),
  );
}

/** How a command is written in one line, without its comment. */
export function textOf({ words }: Pick<DocumentedCommand, 'words'>): string {
  return words.join(' ');
}

/** Where a command is and how it begins, for a message. */
export function placeOf(command: DocumentedCommand): string {
  return `${command.file}:${command.line}: ${textOf(command)}`;
}

/** The status that a command ends with by its own comment; 0 where that says nothing of it. */
export function statedStatus({ comment }: Pick<DocumentedCommand, 'comment'>): number {
  return Number(/\bexits with (\d+)/.exec(comment)?.[1] ?? 0);
}

interface Line {
  readonly line: number;
  readonly text: string;
}

/** The lines of shell blocks; one that ends with `\` and the next are one. */
function shellLines(document: string): Line[] {
  const found: Line[] = [];
  let fence: string | undefined;
  let open: Line | undefined;
  for (const [index, text] of document.split('\n').entries()) {
    const [, language] = FENCE.exec(text) ?? [];
    if (language !== undefined) {
      fence = fence === undefined ? language : undefined;
      continue;
    }
    if (fence === undefined || !SHELLS.includes(fence)) continue;
    const line: Line = open
      ? { line: open.line, text: `${open.text} ${text.trim()}` }
      : { line: index + 1, text: text.trim() };
    const continued = /\s*\\$/.exec(line.text);
    open = continued ? { ...line, text: line.text.slice(0, continued.index) } : undefined;
    if (!open) found.push(line);
  }
  return found;
}

function split(line: string, place: string): Pick<DocumentedCommand, 'words' | 'comment'> {
  const tokens = [...line.matchAll(TOKEN)];
  const comment = tokens.find(([, said]) => said !== undefined)?.[1] ?? '';
  const words = tokens.flatMap(([, , word]) => (word === undefined ? [] : [word]));
  const unquoted = words.join(' ').replaceAll(QUOTED, '');
  if (line.replaceAll(TOKEN, '').trim() !== '' || SHELL_SYNTAX.test(unquoted)) {
    throw new TypeError(`${place} is more than words: write a plain command, which a test can run`);
  }
  return {
    words: words.map((word) =>
      word.replaceAll(QUOTED, (_, double?: string, single?: string) => double ?? single ?? ''),
    ),
    comment: comment.replace(/^#\s*/, ''),
  };
}
