/** The colours of the page as the drawing needs them; read anew when the theme changes. */
export interface Palette {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly paper: string;
  readonly bars: string;
  readonly fault: string;
  readonly faultInk: string;
  readonly bad: string;
  readonly twice: string;
  readonly takeover: string;
  readonly states: ReadonlyMap<string, { readonly fill: string; readonly ink: string }>;
}

const STATES = ['active', 'passive', 'starting', 'draining', 'paused', 'down', 'stopped'];

/** Reads the palette from the custom properties of the page. */
export function paletteOf(page: HTMLElement): Palette {
  const style = getComputedStyle(page);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ...{ ink: of('ink'), faint: of('faint'), line: of('line'), paper: of('paper') },
    ...{ bars: of('bars'), fault: of('fault'), faultInk: of('fault-ink'), bad: of('bad') },
    ...{ twice: of('twice'), takeover: of('takeover') },
    states: new Map(
      STATES.map((state) => [state, { fill: of(state), ink: of(`${state}-ink`) }] as const),
    ),
  };
}
