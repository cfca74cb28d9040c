import { useEffect, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button, TextField } from '@shared/ui';
import { may } from '../data/calls';
import { onEvent } from '../data/events';
import type { Row, Visit } from '../data/shapes';
import { when } from '../data/time';
import { say } from '../data/toasts';
import { Address } from '../parts/address';
import { rows } from './facts';

const t = dictionary(
  {
    title: 'Let the customer sign by link', to: 'Phone or mail of who signs', toHint: 'A one-time code goes there when they open the link.', name: 'Name', make: 'Make the link', ends: 'Links that were made before end with it.',
    once: 'Pass it on now: it is shown this once.', open: 'open until {time}', opened: 'opened {time}, until {until}', used: 'signed or refused {time}', expired: 'expired {time}', withdrawn: 'ended', end: 'End it', ended: 'Nobody signs by that link any more.',
  },
  {
    title: '让客户通过链接签名', to: '签名人的电话或邮箱', toHint: '对方打开链接时，一次性验证码会发送到此处。', name: '姓名', make: '生成链接', ends: '之前的链接将随之失效。',
    once: '请立即转发：链接只显示这一次。', open: '有效期至 {time}', opened: '{time} 已打开，有效期至 {until}', used: '{time} 已签名或拒签', expired: '{time} 已过期', withdrawn: '已停用', end: '停用', ended: '该链接已不能用于签名。',
  },
);

type Link = Row<'SignLink'>;
type Made = Link & { url: string };
/** When there is something to sign. */
const SIGNED_IN = new Set(['on_site', 'working', 'paused', 'completed', 'cannot_complete', 'approved', 'sent_back', 'confirmed', 'disputed']);

/** The links by which a customer signs on a device of their own: made, passed on, ended. */
export function SignLinks({ visit, contact }: { visit: Visit; contact: Row<'Contact'> | null }) {
  const [links, setLinks] = useState<Link[]>([]);
  const [made, setMade] = useState<Made | null>(null);
  const params = { path: { visit_id: visit.id } };
  const load = () => rows<Link>(api.GET('/api/v1/visits/{visit_id}/sign-links', { params })).then(setLinks, () => setLinks([]));
  useEffect(() => {
    if (!may('reports.read') || !SIGNED_IN.has(visit.status)) return;
    void load();
    return onEvent(({ topic }) => topic.startsWith('sign_link.') && void load());
  }, [visit.id, visit.status]);
  if (!may('reports.read') || !SIGNED_IN.has(visit.status)) return null;
  if (!links.length && !may('signatures.write')) return null;
  const end = async (link: Link) => {
    try {
      await result(api.DELETE('/api/v1/visits/{visit_id}/sign-links/{link_id}', { params: { path: { ...params.path, link_id: link.id! } } }));
      if (made?.id === link.id) setMade(null);
      say('good', t('ended'));
    } catch (error) {
      say('bad', inWords(error));
    }
    await load();
  };
  return (
    <details class="fold" open={Boolean(made) || undefined}>
      <summary>{t('title')}</summary>
      <div class="stack tight">
        {may('signatures.write') && <Make visit={visit} contact={contact} onMade={(link) => (setMade(link), void load())} />}
        {made && <div class="notice good"><p>{t('once')}</p><Address url={made.url} /></div>}
        <ul class="links">
          {links.map((one) => (
            <li key={one.id} class="row">
              <span class="grow">{one.address} · {state(one)}</span>
              {one.state === 'open' && may('signatures.write') && <Button onClick={() => void end(one)}>{t('end')}</Button>}
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

function state(link: Link): string {
  if (link.state === 'used') return t('used', { time: when(link.used_at!) });
  if (link.state === 'withdrawn') return t('withdrawn');
  if (link.state === 'expired') return t('expired', { time: when(link.expires_at!) });
  return link.opened_at ? t('opened', { time: when(link.opened_at), until: when(link.expires_at!) }) : t('open', { time: when(link.expires_at!) });
}

function Make({ visit, contact, onMade }: { visit: Visit; contact: Row<'Contact'> | null; onMade: (link: Made) => void }) {
  const [address, setAddress] = useState(contact?.phone ?? contact?.email ?? '');
  const [name, setName] = useState(contact?.name ?? '');
  const make = async (event: Event) => {
    event.preventDefault();
    try {
      const to = address.trim();
      const body = { channel: to.includes('@') ? 'email' : 'sms', address: to, signer_name: name.trim() || null };
      onMade((await result(api.POST('/api/v1/visits/{visit_id}/sign-link', { params: { path: { visit_id: visit.id } }, body: body as never }))) as unknown as Made);
    } catch (error) {
      say('bad', inWords(error));
    }
  };
  return (
    <form class="stack tight" aria-label={t('title')} onSubmit={make}>
      <TextField label={t('to')} hint={t('toHint')} name="address" value={address} onValue={setAddress} />
      <TextField label={t('name')} name="signer" value={name} onValue={setName} />
      <div class="row"><Button type="submit" disabled={!address.trim()}>{t('make')}</Button> <span class="soft">{t('ends')}</span></div>
    </form>
  );
}
