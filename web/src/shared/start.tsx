import './styles/base.css';
import './theme';
import { effect } from '@preact/signals';
import { type ComponentChild, render } from 'preact';

/** Draws a page into its document, with `title` in the user's language. */
export function start(page: ComponentChild, title: () => string): void {
  effect(() => {
    document.title = title();
  });
  render(page, document.getElementById('app')!);
}
