import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import type { Row } from '../data/shapes';
import { Choice } from './select';

const t = dictionary(
  { who: 'Who called', nobody: 'Nobody of them: no messages to the customer' },
  { who: '来电人是', nobody: '都不是：不向客户发送消息' },
);
const MOST = 100;
type Contact = Row<'Contact'>;

/** The people of a known customer: the job is about one of them, who hears of it. The first is proposed. */
export function Callers({ account, value, onValue }: { account: string; value: string; onValue: (id: string) => void }) {
  const [people, setPeople] = useState<Contact[]>([]);
  useEffect(() => {
    const query = { account_id: account, limit: MOST, sort: 'name' };
    const found = result(api.GET('/api/v1/contacts', { params: { query: query as never } })) as unknown as Promise<{ items: Contact[] }>;
    found.then(({ items }) => {
      setPeople(items);
      if (!items.some((one) => one.id === value) && items[0]) onValue(items[0].id);
    }, () => setPeople([])); // without them the job is taken all the same
  }, [account]);
  if (!people.length) return null;
  const options = people.map((one) => [one.id, [one.name, one.phone].filter(Boolean).join(' · ')] as const);
  return <Choice label={t('who')} value={value} onValue={onValue} options={[...options, ['', t('nobody')]]} />;
}
