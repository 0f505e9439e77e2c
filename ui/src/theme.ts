// Light, dark, or as the system says. public/theme.js applies a remembered choice before paint.
export type Theme = 'light' | 'dark';

const key = 'claimlake.theme';

export function current_theme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function choose_theme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Storage may be blocked; the choice then lasts until the page is closed.
  }
}
