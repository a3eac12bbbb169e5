/** Exit status for a machine that is not as it must be; as the command line's own. */
export const EXIT_ENVIRONMENT = 69;

/** Setting up cannot go on: what happened, why, and the ways out, each a thing to do. */
export class Trouble extends Error {
  /**
   * @param {string} message what happened and why; may have several lines
   * @param {readonly string[]} waysOut what the reader can do, one line each
   */
  constructor(message, waysOut) {
    super(message);
    this.waysOut = waysOut;
  }

  /** The text for standard error. */
  report() {
    const head = this.waysOut.length > 1 ? 'One of these will do:' : 'What to do:';
    const ways = this.waysOut.map((way) => `  - ${way}`).join('\n');
    return `setup: ${this.message}\n${head}\n${ways}\n`;
  }
}
