import { styleText } from 'node:util';

/** What a piece of text means; how that looks is decided here alone. */
export type Tone = 'good' | 'bad' | 'unsure' | 'faint' | 'strong';

/** Gives text the look of its meaning, or leaves it as it is where colour is not wanted. */
export type Paint = (tone: Tone, text: string) => string;

const FORMATS: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  good: 'green',
  bad: ['red', 'bold'],
  unsure: 'yellow',
  faint: 'dim',
  strong: 'bold',
};

/**
 * Colours for what is written to `stream`: on a terminal, unless `NO_COLOR` is set; elsewhere only
 * with `FORCE_COLOR` (https://no-color.org, https://force-color.org). Colour only repeats what a
 * word or a sign already says.
 */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (tone, text) => styleText(FORMATS[tone], text, { stream });
}

/** No colours at all. */
export const plainPaint: Paint = (_tone, text) => text;
