import { InvalidArgumentError, Option } from 'commander';
import { capitalised, unknownName } from './nearest.ts';

const NAMES = ['text', 'json', 'junit', 'github'] as const;

/** What a report is written as, and where to. */
export interface Reporter {
  readonly name: (typeof NAMES)[number];
  /** As given. Absent: where its kind goes by itself. */
  readonly file?: string;
}

/** Everything a report is written as. */
export type Reporters = readonly Reporter[];

/** What is reported where nothing else is asked for. */
export const TEXT_ALONE: Reporters = [{ name: 'text' }];

/** Whether people read the report on standard output. */
export function writesText(reporters: Reporters): boolean {
  return reporters.some(({ name }) => name === 'text');
}

/** Whether standard output is one JSON document, and nothing else may be written there. */
export function printsJson(reporters: Reporters): boolean {
  return reporters.some(({ name, file }) => name === 'json' && file === undefined);
}

const WITH_FILE: readonly string[] = ['json', 'junit'];

/**
 * Parses reporters, with commas between them; a flag that comes again adds to `before`.
 * Throws InvalidArgumentError for a name that there is not, a file where none can be, and two that
 * would both be written to standard output.
 */
export function reporters(text: string, before: Reporters = TEXT_ALONE): Reporters {
  // Commander begins with the default, which holds as long as nothing is said.
  const said = before === TEXT_ALONE ? [] : before;
  const all = [...said, ...text.split(',').map((each) => reporterOf(each.trim()))];
  if (printsJson(all) && writesText(all)) {
    throw new InvalidArgumentError(
      'Standard output cannot be text and one JSON document. Give the document a file: text,json=result.json.',
    );
  }
  return all;
}

function reporterOf(text: string): Reporter {
  const [given = '', ...rest] = text.split('=');
  const name = NAMES.find((each) => each === given);
  if (name === undefined) {
    throw new InvalidArgumentError(capitalised(unknownName('reporter', given, NAMES)));
  }
  if (rest.length === 0) return { name };
  const file = rest.join('=');
  if (file === '' || !WITH_FILE.includes(name)) {
    throw new InvalidArgumentError(
      `${JSON.stringify(text)} names no file that could be written. There are: json=<file>, junit=<file>.`,
    );
  }
  return { name, file };
}

/** Where the XML goes that is not sent to a file. */
type Xml = 'in each run’s directory' | 'to the file that must be named';

/** The option of commands that report runs. */
export function reporterOption(xml: Xml): Option {
  const text = `text; json: one document on standard output, or in json=<file>; junit: XML ${xml}, or in junit=<file>; github: annotations and a step summary. Several with commas`;
  return new Option('--reporter <names>', text).argParser(reporters).default(TEXT_ALONE, 'text');
}
