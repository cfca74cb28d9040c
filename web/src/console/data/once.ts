import { ProblemError, api, result } from '@shared/api';
import { ifMatch } from './calls';

type Room = 'accounts' | 'contacts' | 'sites' | 'territories' | 'engineers' | 'shifts' | 'jobs' | 'users';
type Values = Record<string, unknown>;

/** Whether the server refused because the row is there already: an earlier try wrote it, and its answer was lost or what followed failed. */
const isThere = (error: unknown): boolean =>
  error instanceof ProblemError && error.status === 409 && Boolean(error.problem.errors?.some((one) => one.pointer === '/id'));

/**
 * Writes the row `id`, once however often it is asked: an id is made once for a form, so that pressing again goes on
 * where the last press failed. What is there already takes the values of now; `first` counts for a new row alone.
 */
export async function once(room: Room, id: string, values: Values, first: Values = {}): Promise<void> {
  try {
    await result(api.POST(`/api/v1/${room}`, { body: { id, ...values, ...first } as never }));
  } catch (error) {
    if (!isThere(error)) throw error;
    const params = { path: { row_id: id } };
    const { rev } = (await result(api.GET(`/api/v1/${room}/{row_id}`, { params }))) as unknown as { rev: number };
    await result(api.PATCH(`/api/v1/${room}/{row_id}`, { params, body: values as never, headers: ifMatch(rev) }));
  }
}
