import { UsageError } from './usage-error.ts';

/** How a fault is told its parameters on the command line. */
export interface ParameterFlags {
  readonly for?: string;
  readonly restartAfter?: string;
  /** `name=value`, one each. */
  readonly set?: readonly string[];
}

/**
 * The parameters of a fault as written: `--for`, `--restart-after`, and every `--set`. A value that is
 * a number or true or false becomes that; the fault itself says what it takes.
 * @throws {UsageError} for a `--set` that names nothing, or something twice
 */
export function faultParameters(flags: ParameterFlags): Record<string, unknown> {
  const { for: lasts, restartAfter, set = [] } = flags;
  const parameters: Record<string, unknown> = {
    ...(lasts === undefined ? {} : { for: lasts }),
    ...(restartAfter === undefined ? {} : { restartAfter }),
  };
  for (const text of set) {
    const [, name, value] = /^([A-Za-z]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(
        `--set ${JSON.stringify(text)} is no parameter: write name=value, such as delay=80ms; \`understudy list\` has the names`,
      );
    }
    if (Object.hasOwn(parameters, name)) throw new UsageError(`${name} is given twice`);
    parameters[name] = valueOf(value);
  }
  return parameters;
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
