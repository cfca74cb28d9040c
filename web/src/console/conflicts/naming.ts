import { api, result } from '@shared/api';
import type { Conflict } from '../data/shapes';
import { mediaName } from '../panel/deeds';
import { fieldsOf, names } from './values';

type Path = '/api/v1/checklist-items/{row_id}' | '/api/v1/parts/{row_id}' | '/api/v1/media/{row_id}' | '/api/v1/sites/{row_id}' | '/api/v1/accounts/{row_id}' | '/api/v1/contacts/{row_id}' | '/api/v1/assets/{row_id}' | '/api/v1/jobs/{row_id}';
type Found = Partial<Record<'name' | 'number' | 'filename' | 'caption' | 'kind' | 'site_id' | 'account_id' | 'job_id', string | null>> & { label?: unknown };

const [ITEM, PART, MEDIA, SITE, ACCOUNT, CONTACT, ASSET, JOB] = ['checklist-items', 'parts', 'media', 'sites', 'accounts', 'contacts', 'assets', 'jobs']
  .map((room) => `/api/v1/${room}/{row_id}`) as [Path, Path, Path, Path, Path, Path, Path, Path];
/** Where a field that holds an id finds what it names; an answer may be the picture that was asked for. */
const FIELDS: Record<string, Path> = { item_id: ITEM, part_id: PART, ref_id: MEDIA, media_id: MEDIA, value: MEDIA, site_id: SITE, account_id: ACCOUNT, contact_id: CONTACT, asset_id: ASSET, parent_id: ASSET, job_id: JOB };
/** Where the row that a conflict is about is found; that of two answers is their question. */
const ROWS: Record<string, Path> = { checklist_answers: ITEM, checklist_items: ITEM, media: MEDIA, sites: SITE, contacts: CONTACT, assets: ASSET, accounts: ACCOUNT, jobs: JOB };
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

const rows = new Map<string, Promise<Found | null>>();

/** A row by its id, read once; null where it cannot be read. */
function read(path: Path, row_id: string): Promise<Found | null> {
  const call = () => (result(api.GET(path, { params: { path: { row_id } } })) as unknown as Promise<Found>).catch(() => (rows.delete(row_id), null));
  if (!rows.has(row_id)) rows.set(row_id, call());
  return rows.get(row_id)!;
}

const nameOf = ({ label, name, number, filename, caption, kind }: Found): unknown => label ?? name ?? number ?? filename ?? caption ?? (kind && mediaName(kind));

async function learn(path: Path, id: string): Promise<void> {
  const name = nameOf((await read(path, id)) ?? {});
  if (name && !names.value.has(id)) names.value = new Map(names.value).set(id, name);
}

/** Finds out how what both truths speak of by its id is called. */
export async function learnNames(conflict: Conflict): Promise<void> {
  const about = ROWS[conflict.collection];
  const named = [conflict.mine, conflict.theirs].flatMap((side) => idsIn(fieldsOf(side)));
  await Promise.all([...(about ? [learn(about, conflict.row_id)] : []), ...named.map(([path, id]) => learn(path, id))]);
}

function idsIn(value: unknown, path?: Path): [Path, string][] {
  if (Array.isArray(value)) return value.flatMap((one) => idsIn(one, path));
  if (typeof value === 'object' && value) return Object.entries(value).flatMap(([name, inner]) => idsIn(inner, FIELDS[name]));
  return path && typeof value === 'string' && UUID.test(value) ? [[path, value]] : [];
}

/** The number of the job, the site and the customer that a conflict is about, as far as there are any. */
export async function aboutOf({ collection, row_id, job_id }: Conflict, visit: { job_id: string } | null): Promise<string[]> {
  const job = await ifAny(JOB, visit?.job_id ?? job_id ?? (collection === 'jobs' ? row_id : null));
  const asset = await ifAny(ASSET, collection === 'assets' ? row_id : null);
  const site = await ifAny(SITE, job?.site_id ?? asset?.site_id ?? (collection === 'sites' ? row_id : null));
  const account = await ifAny(ACCOUNT, job?.account_id ?? site?.account_id ?? null);
  const whose = site?.name?.includes(account?.name ?? '') ? null : account?.name; // many sites are called after their customer
  return [job?.number, site?.name, whose].filter((one) => typeof one === 'string');
}

const ifAny = (path: Path, id: string | null | undefined) => (id ? read(path, id) : null);
