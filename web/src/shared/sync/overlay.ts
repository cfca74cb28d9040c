import { passing } from './visit-table';
import type { Mutation, Row, Stored } from './types';

/** The row as its owner sees it: the server's, with this device's unsent changes on top, in their order. */
export function overlay(server: Row | null, mutations: readonly Mutation[]): Row | null {
  return mutations.reduce(changed, server);
}

function changed(row: Row | null, mutation: Mutation): Row | null {
  if (mutation.type === 'delete') return null;
  if (mutation.type === 'create') return { ...(row ?? { id: mutation.row_id, rev: null }), ...shown(mutation) };
  return row && { ...row, ...shown(mutation) };
}

/** What of a mutation can be seen in the row: its fields, or the state that it leads to. */
function shown(mutation: Mutation): Record<string, unknown> {
  if (mutation.type === 'transition') return { status: passing(String(mutation.data.to)) };
  return mutation.type === 'create' ? { ...mutation.data, device_at: mutation.device_at } : mutation.data;
}

/** The references of a row to others, as they are searched: `checklist_items.visit_id=…`. */
export function linksOf(collection: string, row: Row | null): string[] {
  return Object.entries(row ?? {})
    .filter(([field, value]) => field.endsWith('_id') && typeof value === 'string')
    .map(([field, value]) => link(collection, field, String(value)));
}

export function link(collection: string, field: string, value: string): string {
  return `${collection}.${field}=${value}`;
}

/** `stored` with its visible form made anew. */
export function refreshed(stored: Stored, mutations: readonly Mutation[]): Stored {
  const local = overlay(stored.server, mutations);
  return { ...stored, local, links: linksOf(stored.collection, local ?? stored.server) };
}

/** Whether two JSON values are the same, wherever their members stand. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [first, second] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = Object.keys(first);
  return keys.length === Object.keys(second).length && keys.every((key) => key in second && same(first[key], second[key]));
}
