import { api, result } from '@shared/api';
import { jobTypes } from '../data/day';
import { zone } from '../data/time';
import { type Table, unrepeated } from './csv';

/** What a column may be read as. The first two every request needs. */
export const FIELDS = ['external_id', 'subject', 'description', 'address', 'account', 'latitude', 'longitude'] as const;
export type Field = (typeof FIELDS)[number];
export type Chosen = Record<Field, string>;
export interface Report {
  requests: number;
  jobs: number;
  sites: number;
  accounts: number;
  known: number;
  bad: { line: number; reason: string }[];
  /** What was made, or would be, by name: two blocks of a try do not know of one another. */
  made?: Record<'accounts' | 'sites', string[]>;
}
type Task = { state: string; progress: number; message: string | null; result: Report | null };
export interface Import {
  table: Table;
  chosen: Chosen;
  source: string;
  type: string;
}

const GUESSES: Record<Field, RegExp> = {
  external_id: /^(no|id|nr|number|ticket|.*(_id|编号|单号|号码))$/i, subject: /subject|title|summary|what|主题|标题|问题/i, description: /descr|detail|note|描述|详情|备注/i,
  address: /address|street|where|地址/i, account: /customer|account|company|client|客户|公司/i, latitude: /^lat|纬度/i, longitude: /^(lon|lng)|经度/i,
};
const AT_ONCE = 2_000;
const POLL_MS = 400;

/** Which column is which, as far as their names tell. A name with braces cannot be asked for. */
export function guessed(columns: readonly string[]): Chosen {
  const left = new Set(columns.filter((name) => !/[{}]/.test(name)));
  const take = (field: Field) => {
    const found = [...left].find((name) => GUESSES[field].test(name)) ?? '';
    left.delete(found);
    return [field, found] as const;
  };
  return Object.fromEntries(FIELDS.map(take)) as Chosen;
}

/**
 * Takes the rows, or only tries: with `dry` nothing stays. Tells how far it is, from 0 to 1.
 * Large files go in blocks; what recurs in a later block is told apart here, because a try leaves nothing behind.
 */
export async function run({ table: given, chosen, source, type }: Import, dry: boolean, tell: (done: number) => void): Promise<Report> {
  const table = unrepeated(given, chosen.external_id);
  const kind = jobTypes.value.get(type);
  const fields: Record<string, string> = Object.fromEntries(FIELDS.filter((one) => chosen[one]).map((one) => [one, `{${chosen[one]}}`]));
  const types = kind ? { [kind.code]: { name: kind.name } } : {};
  const map = { source, timezone: zone(), fields: kind ? { ...fields, job_type: kind.code } : fields, job_types: types };
  const whole: Report = { requests: 0, jobs: 0, sites: 0, accounts: 0, known: 0, bad: [...table.bad] };
  const made = { accounts: new Set<string>(), sites: new Set<string>() };
  for (let from = 0; from < table.rows.length; from += AT_ONCE) {
    const rows = table.rows.slice(from, from + AT_ONCE);
    const body = { map, rows, lines: table.lines.slice(from, from + AT_ONCE), dry_run: dry };
    const { id } = (await result(api.POST('/api/v1/imports/requests', { body: body as never }))) as unknown as { id: string };
    add(whole, made, await finished(id, (part) => tell((from + part * rows.length) / table.rows.length)));
  }
  whole.bad.sort((a, b) => a.line - b.line);
  return whole;
}

type Made = Record<'accounts' | 'sites', Set<string>>;

function add(whole: Report, made: Made, part: Report): void {
  for (const name of ['requests', 'jobs', 'known'] as const) whole[name] += part[name];
  for (const name of ['accounts', 'sites'] as const) {
    for (const key of part.made?.[name] ?? []) made[name].add(key);
    whole[name] = made[name].size;
  }
  whole.bad.push(...part.bad);
}

async function finished(id: string, tell: (part: number) => void): Promise<Report> {
  for (;;) {
    const task = (await result(api.GET('/api/v1/tasks/{task_id}', { params: { path: { task_id: id } } }))) as unknown as Task;
    if (task.result && task.state === 'done') return task.result;
    if (task.state === 'failed') throw new Error(task.message ?? task.state);
    tell(task.progress);
    await new Promise((on) => setTimeout(on, POLL_MS));
  }
}
