/** Lets each copy button put its command on the clipboard, and say so. */
export function setUpCopying(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy')) {
    const source = document.getElementById(button.dataset.copy ?? '');
    if (!source) continue;
    const label = button.firstChild;
    button.addEventListener('click', () => {
      void copy(source).then((copied) => {
        // Where the clipboard is closed to a page, the command is selected, for Ctrl+C.
        if (label) label.textContent = copied ? 'copied' : 'selected';
      });
    });
  }
}

async function copy(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    getSelection()?.selectAllChildren(source);
    return false;
  }
}
