import { signal } from '@preact/signals';

const HOME = '/field/';

/** The place within the app: `[]` is today, `['visits', id]` a visit. */
export const place = signal<string[]>(read());

function read(): string[] {
  return globalThis.location?.pathname.slice(HOME.length).split('/').filter(Boolean) ?? [];
}

/** The address of a place, for links. */
export function address(...parts: string[]): string {
  return HOME + parts.join('/');
}

/** Goes to a place without loading anything. */
export function go(...parts: string[]): void {
  history.pushState(null, '', address(...parts));
  place.value = parts;
  scrollTo(0, 0);
}

/** Follows the browser's own back and forward, and links within the app. */
export function followRoutes(): void {
  addEventListener('popstate', () => (place.value = read()));
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest?.('a[href^="/field/"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(...link.getAttribute('href')!.slice(HOME.length).split('/').filter(Boolean));
  });
}
