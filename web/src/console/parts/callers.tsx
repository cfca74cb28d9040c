import { useEffect, useRef, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { TextField } from '@shared/ui';
import type { Row } from '../data/shapes';
import { type Draft, NEW, type Words } from './new-job-draft';
import { t as call } from './new-job-words';
import { Choice } from './select';

const t = dictionary(
  { who: 'Who called', nobody: 'Nobody of them: no messages to the customer', other: 'Somebody else: write them down' },
  { who: '来电人是', nobody: '都不是：不向客户发送消息', other: '其他人：登记联系方式' },
);
const MOST = 100;
type Contact = Row<'Contact'>;
type Props = { account: string; draft: Draft; set: (name: Words) => (value: string) => void };

/** The people of a known customer: the job is about one of them, who hears of it. The first is proposed; others are added. */
export function Callers({ account, draft, set }: Props) {
  const [people, setPeople] = useState<Contact[]>([]);
  const chosen = useRef(draft.contact); // while the people are read somebody may have been chosen
  chosen.current = draft.contact;
  useEffect(() => {
    const query = { account_id: account, limit: MOST, sort: 'name' };
    const found = result(api.GET('/api/v1/contacts', { params: { query: query as never } })) as unknown as Promise<{ items: Contact[] }>;
    found.then(({ items }) => {
      setPeople(items);
      if (chosen.current !== NEW && !items.some((one) => one.id === chosen.current) && items[0]) set('contact')(items[0].id);
    }, () => setPeople([])); // without them the job is taken all the same
  }, [account]);
  const options = people.map((one) => [one.id, [one.name, one.phone].filter(Boolean).join(' · ')] as const);
  return (
    <>
      <Choice label={t('who')} name="contact" value={draft.contact} onValue={set('contact')} options={[...options, [NEW, t('other')], ['', t('nobody')]]} />
      {draft.contact === NEW && (
        <div class="row">
          <TextField label={call('caller')} name="caller" value={draft.caller} onValue={set('caller')} autofocus />
          <TextField label={call('phone')} name="phone" type="tel" value={draft.phone} onValue={set('phone')} />
        </div>
      )}
    </>
  );
}
