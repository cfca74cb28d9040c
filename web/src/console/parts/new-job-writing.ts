import { jobTypes, refreshJob } from '../data/day';
import { once } from '../data/once';
import { at } from './form';
import { promised } from './hours';
import { type Draft, NEW, type Spot } from './new-job-draft';
import { pointOf } from './point';

type Pressed = Draft & { ids: NonNullable<Draft['ids']> };
type Where = Pick<Spot, 'id' | 'account_id' | 'contact_id'>;

/**
 * Writes caller and site where they are new, then the job with its one visit. Returns the visit's id; null where it lies
 * in a territory of somebody else, who sees it.
 */
export async function create(draft: Pressed): Promise<string | null> {
  const where = draft.fresh ? await newcomer(draft) : await known(draft, draft.site!);
  const { job } = draft.ids;
  const values = {
    job_type_id: draft.type, site_id: where.id, account_id: where.account_id, contact_id: where.contact_id, asset_id: (!draft.fresh && draft.asset) || null, priority: Number(draft.priority),
    summary: draft.summary.trim() || jobTypes.value.get(draft.type)!.name, description: draft.details,
  };
  const names = { job_type_id: 'type', description: 'details', window_start: 'from', window_end: 'to', site_id: 'who', contact_id: 'contact', asset_id: 'asset' };
  await at(names, once('jobs', job, values, { source: 'phone', visits: [promised(draft)] }));
  return (await refreshJob(job))[0]?.id ?? null;
}

/** A known site, with whoever called: known there, written down now, or nobody. */
async function known(draft: Pressed, { id, account_id }: Spot): Promise<Where> {
  if (draft.contact !== NEW || !account_id) return { id, account_id, contact_id: draft.contact || null };
  const contact_id = draft.ids.contact;
  await at({ name: 'caller' }, once('contacts', contact_id, { account_id, name: draft.caller.trim(), phone: draft.phone.trim() || null }));
  return { id, account_id, contact_id };
}

async function newcomer(draft: Pressed): Promise<Where> {
  const { account: account_id, contact: contact_id, site: id } = draft.ids;
  const address = draft.address.trim();
  const name = draft.caller.trim() || address;
  const caller = { name: draft.caller.trim() ? 'caller' : 'address' };
  await at(caller, once('accounts', account_id, { name }));
  await at(caller, once('contacts', contact_id, { account_id, name, phone: draft.phone.trim() || null }));
  await at({ name: 'address', location: 'place' }, once('sites', id, { account_id, name: address, address, location: draft.place ? pointOf(draft.place) : null }));
  return { id, account_id, contact_id };
}
