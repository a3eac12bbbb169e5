/** A metric: what is said of it (`# HELP …`, `# TYPE …`, by kind), and its series. */
interface Metric {
  readonly about: Map<string, string>;
  readonly series: string[];
}

/**
 * Puts pages of Prometheus' text format together into one. Each metric may be described only once and
 * its series must stand together, so pages cannot be put behind one another. What tells the pages
 * apart must be in the labels already.
 */
export function mergeExpositions(pages: readonly string[]): string {
  const metrics = new Map<string, Metric>();
  for (const page of pages) {
    let current: Metric | undefined;
    for (const line of page.split('\n')) {
      const [, kind, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (kind !== undefined && name !== undefined) {
        current = metrics.get(name) ?? { about: new Map(), series: [] };
        metrics.set(name, current);
        if (!current.about.has(kind)) current.about.set(kind, line);
      } else if (line !== '' && !line.startsWith('#')) {
        current?.series.push(line);
      }
    }
  }
  return [...metrics.values()]
    .flatMap(({ about, series }) => [...about.values(), ...series])
    .map((line) => `${line}\n`)
    .join('');
}
