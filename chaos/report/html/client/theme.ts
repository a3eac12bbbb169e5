const KEY = 'understudy-report-theme';

type Theme = 'light' | 'dark';

/** Lets the reader choose between light and dark; until then it is as their system says. */
export function setUpTheme(onChange: () => void): void {
  const page = document.documentElement;
  const toggle = document.querySelector<HTMLButtonElement>('#theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  let chosen = remembered();
  const show = (): void => {
    const theme: Theme = chosen ?? (system.matches ? 'dark' : 'light');
    page.dataset.theme = theme;
    if (toggle) {
      toggle.textContent = theme === 'dark' ? 'light' : 'dark';
      toggle.setAttribute('aria-label', `show in ${toggle.textContent}`);
    }
    onChange();
  };
  toggle?.addEventListener('click', () => {
    chosen = page.dataset.theme === 'dark' ? 'light' : 'dark';
    remember(chosen);
    show();
  });
  system.addEventListener('change', show);
  show();
}

/** A page from disk may not be allowed to keep anything. */
function remembered(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for as long as the page is open.
  }
}
