import { api, result } from '@shared/api';
import { spoken } from '../conflicts/values';
import { engineers } from '../data/day';
import { mediaName } from './deeds';

const LIMIT = 200;

/** What every fact of the field carries: the three times, and who. */
export type Fact = { id: string; corrected_at: string; device_at: string; received_at: string; engineer_id: string | null };
export type Times = { id: string; at: string; who: string | null | undefined; device_at: string; received_at: string };
type Item = { id: string; position: number; label: unknown; kind: string };
type Answer = Fact & { item_id: string; value: unknown; comment: string | null };
type Call = Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** The rows of a list of the API. */
export async function rows<Row>(call: Call): Promise<Row[]> {
  return ((await result(call)) as { items?: unknown[] }).items as Row[];
}

export const nameOf = (id: string | null | undefined) => (id ? engineers.value.get(id)?.name : null);

export function times({ id, corrected_at, device_at, received_at, engineer_id }: Fact): Times {
  return { id, at: corrected_at, device_at, received_at, who: nameOf(engineer_id) };
}

/** The checklist of a visit: each question in words, and what was answered last. */
export async function checklist(visit_id: string): Promise<[question: string, answer: string | null][]> {
  const params = { query: { visit_id, limit: LIMIT } };
  const [items, answers] = await Promise.all([
    rows<Item>(api.GET('/api/v1/checklist-items', { params })),
    rows<Answer>(api.GET('/api/v1/checklist-answers', { params })),
  ]);
  const last = new Map(answers.sort((a, b) => a.corrected_at.localeCompare(b.corrected_at)).map((one) => [one.item_id, one]));
  items.sort((a, b) => a.position - b.position);
  return items.map((item) => [spoken(item.label), inWords(item, last.get(item.id))]);
}

function inWords(item: Item, answer: Answer | undefined): string | null {
  if (!answer) return null;
  const value = item.kind === 'photo' ? mediaName('photo') : spoken(answer.value);
  return answer.comment ? `${value} · ${answer.comment}` : value;
}

/** The names of the parts that were used, by id; a part that cannot be read has none. */
export async function partNames(ids: readonly string[]): Promise<Map<string, string>> {
  const one = (row_id: string) => result(api.GET('/api/v1/parts/{row_id}', { params: { path: { row_id } } })).catch(() => null);
  const found = await Promise.all([...new Set(ids)].map(one));
  return new Map(found.flatMap((part) => (part?.id && part.name ? [[part.id, part.name] as const] : [])));
}
