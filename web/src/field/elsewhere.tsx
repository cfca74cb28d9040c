import { useEffect, useState } from 'preact/hooks';
import type { components } from '@api';
import { api, inWords, result, session } from '@shared/api';
import { dictionary, formatTime } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { standing } from './data/client';
import { meet, stranger } from './data/kept';

type Device = components['schemas']['Device'];

const t = dictionary(
  {
    title: 'You have another phone with us.',
    unsent: {
      one: '{name}, last heard {at}: one thing that you did was not sent.',
      other: '{name}, last heard {at}: {n} things that you did were not sent.',
    },
    sent: '{name}, last heard {at}: everything had been sent by then.',
    hint: 'Only that phone knows what was done on it since. If you have it, open the app there and let it send. If its browser has cleared it, what was not sent is lost: look through your visits and do again what is missing.',
    retire: 'I do not have it any more',
    sure: 'It is signed out and erased when it next connects. What it still sends then goes to the office.',
    really: 'Take it out of use',
    understood: 'I have read it',
  },
  {
    title: '您还有另一部手机。',
    unsent: '{name}，最后联系于 {at}：有 {n} 项操作尚未发送。',
    sent: '{name}，最后联系于 {at}：当时已全部发送。',
    hint: '此后在那部手机上所做的工作只有它知道。如果还在身边，请在那部手机上打开应用并等待发送。如果浏览器已清除其内容，未发送的工作已丢失：请检查您的任务并补做缺失的内容。',
    retire: '这部手机已不在我手上',
    sure: '它下次联网时将退出登录并清除内容；届时它仍发送的内容会交给调度端。',
    really: '停用这部手机',
    understood: '我已知晓',
  },
);
const MOMENT = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false } as const;
const KNOWN_MS = 45 * 86_400_000;
const MOST = 3;

/** On a phone that is new: what the server knows of this person's other ones, so that lost work is missed. */
export function Elsewhere() {
  const [others, setOthers] = useState<Device[]>([]);
  const { deviceId } = session.current.value!;
  const met = standing.value?.contactAt != null;

  async function look() {
    const found = await result(api.GET('/api/v1/devices', { params: { query: { revoked: false, limit: 200 } } }));
    const phones = phonesOf(found.items ?? [], deviceId);
    setOthers(phones);
    if (!phones.length) meet(deviceId);
  }

  useEffect(() => {
    if (met && stranger.value) void look().catch(() => undefined); // without a network it is told later
  }, [met, stranger.value]);
  if (!stranger.value || !others.length) return null;
  return (
    <div class="loss" id="elsewhere">
      <Notice kind={others.some(({ pending_count }) => pending_count) ? 'bad' : 'warn'}>
        <div class="stack tight">
          <strong>{t('title')}</strong>
          {others.map((device) => <One key={device.id} device={device} onGone={look} />)}
          <p>{t('hint')}</p>
          <Button onClick={() => meet(deviceId)}>{t('understood')}</Button>
        </div>
      </Notice>
    </div>
  );
}

function One({ device, onGone }: { device: Device; onGone: () => Promise<void> }) {
  const [sure, setSure] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const { name, pending_count: n = 0, last_seen_at: seen } = device;
  const told = { name, at: formatTime(seen!, MOMENT) };

  async function retire() {
    const call = api.DELETE('/api/v1/devices/{row_id}', { params: { path: { row_id: device.id! } } });
    await result(call).then(onGone, setFault);
  }

  return (
    <div class="stack tight">
      <p>{n ? t('unsent', { ...told, n }) : t('sent', told)}</p>
      {sure && <p>{t('sure')}</p>}
      {fault != null && <p class="warned">{inWords(fault)}</p>}
      <Button kind={sure ? 'danger' : ''} onClick={sure ? retire : () => setSure(true)}>{t(sure ? 'really' : 'retire')}</Button>
    </div>
  );
}

/** Phones that have synchronised and were heard of lately, those with unsent work first. */
function phonesOf(devices: Device[], mine: string): Device[] {
  const since = new Date(Date.now() - KNOWN_MS).toISOString();
  const phones = devices.filter(({ id, erased_at, last_seen_at, schema_versions }) =>
    id !== mine && !erased_at && (last_seen_at ?? '') > since && 'native' in (schema_versions ?? {}));
  phones.sort((a, b) => (b.pending_count ?? 0) - (a.pending_count ?? 0) || b.last_seen_at!.localeCompare(a.last_seen_at!));
  return phones.slice(0, MOST);
}
