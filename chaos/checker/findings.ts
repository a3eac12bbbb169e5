import type { Anomaly, Status } from './verdict.ts';

/** What a finding does to the verdict; a note does nothing to it. */
export type Severity = 'fail' | 'inconclusive' | 'note';

/** How many findings of a kind are kept. All are counted. */
const KEPT_OF_A_KIND = 20;

interface Kind {
  readonly severity: Severity;
  readonly kept: Anomaly[];
  total: number;
}

/** The anomalies a checker finds: the first of each kind are kept, all are counted. */
export class Findings {
  readonly #kinds = new Map<string, Kind>();

  /** Adds `count` findings (default 1) that `anomaly` describes. A kind has one severity. */
  add(severity: Severity, anomaly: Anomaly, count = 1): void {
    let kind = this.#kinds.get(anomaly.kind);
    if (!kind) {
      kind = { severity, kept: [], total: 0 };
      this.#kinds.set(anomaly.kind, kind);
    }
    kind.total += count;
    if (kind.kept.length < KEPT_OF_A_KIND) kind.kept.push(anomaly);
  }

  /** Fail before inconclusive before pass. */
  get status(): Status {
    const severities = new Set([...this.#kinds.values()].map((kind) => kind.severity));
    if (severities.has('fail')) return 'fail';
    return severities.has('inconclusive') ? 'inconclusive' : 'pass';
  }

  /** The kinds behind the status, in the order in which they were first found; none for a pass. */
  get decidedBy(): string[] {
    const status = this.status;
    return [...this.#kinds].flatMap(([name, kind]) => (kind.severity === status ? [name] : []));
  }

  /** The kinds behind the status, each with its number and its first case; undefined for a pass. */
  get reason(): string | undefined {
    const decisive = this.decidedBy.map((name) => {
      const kind = this.#kinds.get(name);
      return `${kind?.total} × ${name}: ${kind?.kept[0]?.detail ?? ''}`;
    });
    return decisive.length === 0 ? undefined : decisive.join('; ');
  }

  /** The first 20 of each kind, kinds in the order in which they were first found. */
  get anomalies(): Anomaly[] {
    return [...this.#kinds.values()].flatMap((kind) => kind.kept);
  }

  /** How many there are of each kind. */
  get totals(): Record<string, number> {
    return Object.fromEntries([...this.#kinds].map(([name, kind]) => [name, kind.total]));
  }
}
