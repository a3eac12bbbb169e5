/** From this length on a part of a text is a view of it, and keeps all of it in memory. */
const VIEW_LENGTH = 13;
const COPIED_BYTES = 4096;
/** The most bytes a character of a text takes. */
const CHARACTER_BYTES = 3;
const copying = Buffer.allocUnsafe(COPIED_BYTES);

/** The last text of a field: the next one is often the same, and need not be kept twice. */
export class LastText {
  #last = '';

  /** The same text as `part`, but no view of the lines that it was cut out of. */
  own(part: string): string {
    if (part !== this.#last) this.#last = part.length < VIEW_LENGTH ? part : copied(part);
    return this.#last;
  }
}

function copied(text: string): string {
  if (text.length * CHARACTER_BYTES > COPIED_BYTES) return Buffer.from(text).toString();
  return copying.toString('utf8', 0, copying.write(text));
}
