import { createHash } from 'node:crypto';
import type { Outcome } from '../outcome.ts';
import { checkerSection } from './checker-section.ts';
import { faultSection, takeoverSection } from './fault-section.ts';
import { lookupSection } from './lookup-section.ts';
import { type Content, embeddedJson, markup, Markup } from './markup.ts';
import { labelled, type ReadRun, type ReportedRun, type RunToReport } from './reported-run.ts';
import { repeatSection } from './repeat-section.ts';
import { runRecorder } from './run-recorder.ts';
import { storySection } from './story-section.ts';
import { timelineSection } from './timeline-section.ts';
import { verdictSection } from './verdict-section.ts';
import { violationSection } from './violation-section.ts';

/** What the page is shown with: both are put into it. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/**
 * The report of one run, or of several on one time axis, as one HTML file that loads nothing: a
 * function of their histories and results alone.
 */
export function reportPage(
  runs: readonly RunToReport[],
  assets: PageAssets,
  outcome?: Outcome,
): string {
  const read = runs.map(({ header, operations, told }): ReadRun => {
    const { step, finish } = runRecorder(header);
    for (const batch of operations) batch.forEach(step);
    return { ...finish(), told };
  });
  return pageOf(read, assets, outcome);
}

/** As `reportPage`, of runs whose operations were read before. */
export function pageOf(
  read: readonly ReadRun[],
  { script, style }: PageAssets,
  outcome?: Outcome,
): string {
  const runs = labelled(read);
  const sections = sectionsOf(runs, outcome).filter((section) => section !== undefined);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${titleOf(runs)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the verdict</a>
<header class="top">
  <span class="brand">Understudy <span class="faint">report</span></span>
  <nav aria-label="Sections"><ul>${sections
    .slice(1)
    .map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
  <button type="button" id="theme" class="needs-script">dark</button>
</header>
<main id="main" tabindex="-1">${sections.map(({ markup }) => markup)}</main>
<footer><p>Drawn from the history of the ${runs.length > 1 ? 'runs' : 'run'} alone. This file loads nothing and sends nothing.</p></footer>
<script type="application/json" id="data">${embeddedJson(runs.map(({ data }) => data))}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly markup: Content;
}

function sectionsOf(
  runs: readonly ReportedRun[],
  outcome: Outcome | undefined,
): (Section | undefined)[] {
  const section = (id: string, title: string, markup: Markup | false): Section | undefined =>
    markup === false ? undefined : { id, title, markup };
  const refutation = section('violations', 'Refutation', violationSection(runs));
  const refutedAlone = runs.length === 1;
  return [
    section('verdict', 'Verdict', verdictSection(runs, outcome)),
    ...(refutedAlone ? [refutation] : []),
    section('timeline', 'Timeline', timelineSection(runs)),
    section('takeovers', 'Takeovers', takeoverSection(runs)),
    section('story', 'Steps', storySection(runs)),
    section('checkers', 'Checkers', checkerSection(runs)),
    ...(refutedAlone ? [] : [refutation]),
    section('faults', 'Faults', faultSection(runs)),
    section('lookup', 'Jobs', lookupSection(runs)),
    section('repeat', 'Repeat', repeatSection(runs)),
  ];
}

function titleOf(runs: readonly ReportedRun[]): string {
  const [first] = runs;
  const what = first?.told.experiment ?? first?.told.run ?? 'run';
  return runs.length === 1
    ? `${first?.told.status ?? ''}: ${what}, ${first?.label ?? ''} – Understudy`
    : `${what}, ${runs.length} runs – Understudy`;
}

/** Nothing is loaded from anywhere, and no script runs but this one. */
function policyFor(script: string): string {
  const digest = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}
