import { signal } from '@preact/signals';

/** What lies over the desk. */
export const searching = signal(false);
export const creating = signal(false);
export const helping = signal(false);
/** Whose card is open. */
export const person = signal<string | null>(null);

/** To whom the map shall go. */
export const followed = signal<string | null>(null);
