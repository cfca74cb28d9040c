import { api, result } from '@shared/api';

/** What a user is called; null where that cannot be told. */
export async function userName(row_id: string | null | undefined): Promise<string | null> {
  if (!row_id) return null;
  return result(api.GET('/api/v1/users/{row_id}', { params: { path: { row_id } } })).then((found) => found.name ?? null, () => null);
}
