import { api, result, session } from '@shared/api';
import { locale } from '@shared/i18n';
import type { Screen } from './route';
import type { Visit } from './shapes';

/** Rows of one layer, as many as the server gives. */
export const MOST = 5_000;

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', locale.value); // sentences of the server in the language of the page
    return request;
  },
});

/** Whether the user holds a right, in whichever scope: what they may not do is not offered. */
export function may(right: string): boolean {
  return Boolean(session.current.value?.user.rights?.[right]);
}

/** Whether a screen may be opened: where its rows may not be read at all, it is not offered. */
export const mayOpen = (screen: Screen): boolean => (screen !== 'plan' || may('dispatch.read')) && (screen !== 'conflicts' || may('conflicts.read'));

type Page<Item> = { items?: Item[]; next_cursor?: string | null };

/** All rows of a list, page by page. */
export async function all<Item>(page: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const rows: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const found = await page(cursor);
    rows.push(...(found.items ?? []));
    if (!found.next_cursor) return rows;
    cursor = found.next_cursor;
  }
}

/** A GeoJSON answer: each row with its geometry beside it. `more`: there are rows that it had no room for. */
export type Layer<Item, Geometry extends keyof Item> = { more: boolean; features: { geometry: Item[Geometry]; properties: Omit<Item, Geometry> }[] };

/** Visits as one layer, up to five thousand in one answer; and whether there are more. */
export async function visitLayer(query: Record<string, string | boolean>): Promise<{ rows: Visit[]; more: boolean }> {
  const asked = { params: { query: { ...query, limit: MOST } as never }, headers: { Accept: 'application/geo+json' } };
  const layer = (await result(api.GET('/api/v1/visits', asked))) as unknown as Layer<Visit, 'location'>;
  return { rows: layer.features.map(({ geometry, properties }) => ({ ...properties, location: geometry })), more: layer.more };
}

/** What a PATCH needs so that nobody's change is overwritten unseen. */
export const ifMatch = (rev: number) => ({ 'If-Match': `"${rev}"` });
