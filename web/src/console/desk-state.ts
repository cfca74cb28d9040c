import { signal } from '@preact/signals';

/** What lies over the desk. */
export const searching = signal(false);
export const creating = signal(false);
export const helping = signal(false);
