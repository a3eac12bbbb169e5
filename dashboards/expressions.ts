import { type DashboardModel, readDashboard } from './grafana/dashboard-file.ts';
import { type Alert, readRules, type RecordingRule } from './prometheus/rules.ts';

/** One PromQL expression that somebody will run. */
export interface Expression {
  readonly kind: 'panel' | 'variable' | 'annotation' | 'recording-rule' | 'alert';
  /** The title of the panel, or the name of the variable, annotation or rule. */
  readonly of: string;
  /** Which of a panel's queries it is: `A`, `B`, …; absent for everything else. */
  readonly refId?: string;
  /** PromQL. That of panels, variables and annotations may name the dashboard's variables. */
  readonly expr: string;
}

/** What the dashboard's variables stand for: a regular expression each, as Grafana makes of a choice. */
export interface Choice {
  readonly group: string;
  readonly mode: string;
  readonly node: string;
}

/** Every group, mode and node, as the dashboard begins. */
export const EVERYTHING: Choice = { group: '.+', mode: '.+', node: '.+' };

/**
 * Every PromQL expression of a dashboard and of rules, so that a test can run each of them. The query
 * of a variable is no PromQL; `group by (label) (selector)` has the same labels.
 */
export function expressions(
  dashboard: DashboardModel = readDashboard(),
  rules: readonly (RecordingRule | Alert)[] = readRules(),
): Expression[] {
  return [
    ...dashboard.panels.flatMap(({ title, targets }) =>
      targets.map(({ refId, expr }) => ({ kind: 'panel', of: title, refId, expr }) as const),
    ),
    ...dashboard.templating.list.map(
      ({ name, definition }) =>
        ({ kind: 'variable', of: name, expr: labelsAsSeries(definition) }) as const,
    ),
    ...dashboard.annotations.list.map(
      ({ name, expr }) => ({ kind: 'annotation', of: name, expr }) as const,
    ),
    ...rules.map((rule) =>
      'alert' in rule
        ? ({ kind: 'alert', of: rule.alert, expr: rule.expr } as const)
        : ({ kind: 'recording-rule', of: rule.record, expr: rule.expr } as const),
    ),
  ];
}

/**
 * The expression as Grafana sends it: `$group`, `$mode` and `$node` replaced by what was chosen.
 * @throws {Error} when it names a variable that the dashboard does not have
 */
export function withChoice(expr: string, choice: Choice): string {
  return expr.replace(/\$(\w+)|\$\{(\w+)[^}]*\}/g, (found, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? '';
    if (!isVariable(name, choice)) {
      throw new Error(
        `${found} in ${expr} is not a variable of the dashboard: use one of ${Object.keys(choice).join(', ')}`,
      );
    }
    return choice[name];
  });
}

function isVariable(name: string, choice: Choice): name is keyof Choice {
  return Object.hasOwn(choice, name);
}

function labelsAsSeries(definition: string): string {
  const { selector, label } =
    /^label_values\((?<selector>.+), (?<label>\w+)\)$/s.exec(definition)?.groups ?? {};
  if (!selector || !label) {
    throw new Error(`the variable's query ${definition} is not label_values(selector, label)`);
  }
  return `group by (${label}) (${selector})`;
}
