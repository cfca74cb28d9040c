import { signal } from '@preact/signals';

export const SCREENS = ['board', 'map', 'work', 'plan', 'conflicts', 'setup'] as const;
export type Screen = (typeof SCREENS)[number];
type Values = Partial<Record<'visit' | 'job' | 'tab' | 'day', string | null>>;

const BASE = '/dispatch';
const read = () => ({ path: location.pathname, query: new URLSearchParams(location.search) });
const place = signal(read());
addEventListener('popstate', () => (place.value = read()));

/** The screen that the address names. */
export function screen(): Screen {
  const name = place.value.path.split('/')[2];
  return SCREENS.find((known) => known === name) ?? 'board';
}

/** A value of the address, such as the visit that is open. */
export const asked = (name: keyof Values): string | null => place.value.query.get(name);

/** The address of a screen; what is open stays open. */
export function address(to: Screen, values: Values = {}): string {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return `${BASE}/${to}${query.size ? `?${query}` : ''}`;
}

/** Go there without loading the page anew. */
export function go(to: Screen, values: Values = {}): void {
  history.pushState(null, '', address(to, values));
  place.value = read();
}

/** Open a visit (or a job) beside the screen. */
export const open = (visit: string, tab: string | null = null): void => go(screen(), { visit, job: null, tab });
export const openJob = (job: string): void => go(screen(), { job, visit: null, tab: 'job' });
export const close = (): void => go(screen(), { visit: null, job: null, tab: null });

/** Follows a link within the desk; other clicks (new tab, new window) stay the browser's. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  place.value = read();
}
