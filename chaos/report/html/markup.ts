/** HTML that is safe to show: made by `markup` alone, which escapes what is put into it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template: text is escaped, markup is not, of lists each part; `false` is nothing. */
export type Content = string | number | false | undefined | Markup | readonly Content[];

/**
 * A template of HTML. It is not called `html`, because formatters would add space inside of elements, of
 * scripts too. Names come from outside, so whatever is put into it is text.
 */
export function markup(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = strings.map((text, index) => text + told(contents[index]));
  return new Markup(parts.join(''));
}

function told(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(told).join('');
  return escaped(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/**
 * `text` with a sign in place of each character that has no shape but an effect: controls, and those
 * that turn the direction of what follows, by which a name could pass for another.
 */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\u{FFFD}');
}

/** JSON that can stand in a `script` element: nothing in it ends the element or begins a comment. */
export function embeddedJson(value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Markup(text);
}
