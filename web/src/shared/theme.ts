import { effect, signal } from '@preact/signals';
import { remembered } from './remembered';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Light, dark, or as the system says. */
export const theme = signal<Theme>(remembered.choice('theme', THEMES) ?? 'system');

effect(() => {
  if (typeof document === 'undefined') return;
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

/** Use `chosen` from now on, also after a reload. */
export function paint(chosen: Theme): void {
  theme.value = chosen;
  remembered.write('theme', chosen);
}
