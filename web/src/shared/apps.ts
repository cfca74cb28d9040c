import type { Profile } from './api/session';

export type App = 'dispatch' | 'field';

/** The apps that somebody works in, the usual one first. */
export function appsOf(user: Profile): App[] {
  if (user.role === 'customer') return [];
  if (user.role === 'engineer' || user.role === 'subcontractor') return ['field'];
  return user.engineer_id ? ['dispatch', 'field'] : ['dispatch'];
}

export const ADDRESSES: Record<App, string> = { dispatch: '/dispatch', field: '/field/' };

/** The sign-in page, from which one comes back to where one is now. */
export function signInAddress(here: Location = location): string {
  return `/?next=${encodeURIComponent(here.pathname + here.search + here.hash)}`;
}

/** The address in `?next=`, when it is one of ours: never one of another site. */
export function nextAddress(search: string, origin: string): string | null {
  const next = new URLSearchParams(search).get('next');
  if (!next?.startsWith('/')) return null;
  const address = new URL(next, origin);
  return address.origin === origin ? address.pathname + address.search + address.hash : null;
}
