import { api, result } from '@shared/api';
import type { Row, Site } from '../data/shapes';
import type { Spot } from './new-job-draft';

type Contact = Row<'Contact'>;

/** Sites by their own words, and those of the people whose name or number fits. */
export async function places(words: string): Promise<Spot[]> {
  const query = { q: words, limit: 6 };
  const [sites, contacts] = await Promise.all([
    result(api.GET('/api/v1/sites', { params: { query: query as never } })) as unknown as Promise<{ items: Site[] }>,
    result(api.GET('/api/v1/contacts', { params: { query: query as never } })) as unknown as Promise<{ items: Contact[] }>,
  ]);
  const theirs = await Promise.all(contacts.items.filter((one) => one.account_id).map(async (contact) => {
    const found = (await result(api.GET('/api/v1/sites', { params: { query: { account_id: contact.account_id, limit: 4 } as never } }))) as unknown as { items: Site[] };
    return found.items.map((site) => spot(site, contact));
  }));
  const unique = new Map([...theirs.flat(), ...sites.items.map((site) => spot(site, null))].reverse().map((one) => [one.id, one]));
  return [...unique.values()].reverse();
}

export const spot = (site: Site, contact: Contact | null): Spot => ({
  id: site.id, name: site.name, account_id: site.account_id, contact_id: contact?.id ?? null,
  more: [contact?.name, contact?.phone, site.address].filter(Boolean).join(' · '),
});
