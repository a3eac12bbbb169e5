import { posix } from 'node:path';
import { filesMatching, foldersOf, type Rule, type Tree } from '../tree.ts';

/** A link to a file or a heading that is gone sends the reader nowhere. */
export const linksResolve: Rule = {
  claim: 'each link between the documents leads to a file, and to a heading in it',
  findings(tree) {
    const folders = foldersOf(tree);
    return filesMatching(tree, /\.md$/).flatMap(([path, text]) =>
      linksIn(text)
        .filter((link) => !leadsSomewhere(tree, folders, path, link))
        .map((link) => `${path}: ${link} leads nowhere`),
    );
  },
  offences: {
    'a file that is not there': { 'README.md': 'see [the tour](docs/tour.md)' },
    'a path from the wrong folder': { 'docs/a.md': '[b](docs/b.md)', 'docs/b.md': '# B' },
    'a heading that is not there': { 'README.md': '[b](docs/b.md#c)', 'docs/b.md': '# B' },
    'a second heading of a name that is there once': { 'README.md': '# A\n[a](#a-1)' },
    'a heading of its own that is not there': { 'README.md': '# A\n[b](#b)' },
  },
};

function linksIn(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  return links.filter((link) => !/^(https?|mailto):/.test(link));
}

function leadsSomewhere(
  tree: Tree,
  folders: ReadonlySet<string>,
  from: string,
  link: string,
): boolean {
  const [file = '', heading] = link.split('#');
  const path = file === '' ? from : posix.join(posix.dirname(from), file);
  const target = path.replace(/\/$/, '');
  if (target === '.' || folders.has(target)) return heading === undefined;
  const text = tree.get(target);
  if (text === undefined) return false;
  return heading === undefined || !target.endsWith('.md') || anchorsOf(text).has(heading);
}

/**
 * The anchors of a document: its headings, as GitHub makes them, where what comes again is numbered; and
 * those that it sets itself.
 */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  const seen = new Map<string, number>();
  for (const [, heading = ''] of text.matchAll(/^#+ +(.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}
