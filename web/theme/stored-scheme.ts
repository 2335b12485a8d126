/** Where Mantine keeps what was chosen on the dashboard: `light`, `dark` or `auto`. */
const STORED = 'mantine-color-scheme-value';

/** The colours chosen on the dashboard; null: those of the machine. */
export function storedScheme(): 'light' | 'dark' | null {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : null;
}

/** Has a page without Mantine look like the dashboard. */
export function followStoredScheme(): void {
  const scheme = storedScheme();
  if (scheme) document.documentElement.style.colorScheme = scheme;
}
