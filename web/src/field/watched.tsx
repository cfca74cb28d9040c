import { useEffect, useState } from 'preact/hooks';
import type { components } from '@api';
import { Unreachable, api, inWords, result } from '@shared/api';
import { dictionary, formatTime } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { following, noPosition, propose, proposing, share, sharing } from './positions';
import { address, place } from './route';

type Reader = components['schemas']['Reader'];

const t = dictionary(
  {
    location: 'Location',
    share: 'Let the office see where I am while a visit is under way',
    shareHint: 'Nothing is recorded at any other time. Whoever looks is written down below.',
    propose: 'Let the phone propose “I am here” and tell me when I seem to have left',
    proposeHint: 'For this alone the place stays on the phone. Nothing happens by itself.',
    denied: 'The phone does not allow the app to know its place.',
    unavailable: 'The place is not known just now.',
    seen: 'The office sees where you are',
    readers: 'Who looked at my position',
    show: 'Show who looked',
    nobody: 'Nobody has looked at your position.',
    needsLink: 'This list is the server’s and needs a connection.',
    map: 'saw you on the map',
    track: 'looked at your track, {from} – {to}',
    admin: 'administrator', manager: 'manager', dispatcher: 'dispatcher', agent: 'agent', auditor: 'auditor',
    engineer: 'engineer', api_key: 'connected system',
  },
  {
    location: '位置',
    share: '上门期间允许调度员查看我的位置',
    shareHint: '其他时间不记录任何位置。查看者都会记录在下方。',
    propose: '由手机提示“我已到达”，并在我似乎离开时提醒',
    proposeHint: '仅为此用途时，位置不会离开本手机，也不会自动执行任何操作。',
    denied: '手机未允许应用获取位置。',
    unavailable: '暂时无法获取位置。',
    seen: '调度员可看到您的位置',
    readers: '谁查看过我的位置',
    show: '显示查看者',
    nobody: '没有人查看过您的位置。',
    needsLink: '此列表保存在服务器上，需要网络。',
    map: '在地图上看到过您',
    track: '查看了您的轨迹，{from} – {to}',
    admin: '管理员', manager: '经理', dispatcher: '调度员', agent: '客服', auditor: '审计员',
    engineer: '工程师', api_key: '外部系统',
  },
);
const MOMENT = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false } as const;
const ROLES = ['admin', 'manager', 'dispatcher', 'agent', 'auditor', 'engineer', 'api_key'];

/** Says, on every screen but that of the customer, that the office sees this person now, and leads to the switch. */
export function Watched() {
  if (!following.value || !sharing.value || ['me', 'sign'].includes(place.value.at(-1) ?? '')) return null;
  return <a class="watched" href={address('me')}><span aria-hidden="true">◉ </span>{t('seen')}</a>;
}

/** The switches for the phone's place, and who looked. */
export function Location() {
  return (
    <section class="card stack">
      <h2>{t('location')}</h2>
      <label class="switch">
        <input type="checkbox" checked={sharing.value} onChange={(event) => share(event.currentTarget.checked)} />
        {t('share')}
      </label>
      <p>{t('shareHint')}</p>
      <label class="switch">
        <input type="checkbox" checked={proposing.value} onChange={(event) => propose(event.currentTarget.checked)} />
        {t('propose')}
      </label>
      <p>{t('proposeHint')}</p>
      {(sharing.value || proposing.value) && noPosition.value && <Notice kind="warn">{t(noPosition.value)}</Notice>}
      <Readers />
    </section>
  );
}

function Readers() {
  const [readers, setReaders] = useState<Reader[] | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (open) result(api.GET('/api/v1/me/position-readers')).then((it) => setReaders(it.items ?? []), setFault);
  }, [open]);
  if (!open) return <Button onClick={() => (setFault(null), setOpen(true))}>{t('show')}</Button>;
  return (
    <div class="stack tight">
      <h3>{t('readers')}</h3>
      {fault != null && <Notice kind="warn">{fault instanceof Unreachable ? t('needsLink') : inWords(fault)}</Notice>}
      {readers?.length === 0 && <p>{t('nobody')}</p>}
      <ul class="plain">{readers?.map((reader) => <li key={`${reader.at}${reader.name}`}>{told(reader)}</li>)}</ul>
      {fault != null && <Button onClick={() => setOpen(false)}>{t('show')}</Button>}
    </div>
  );
}

function told({ at, name, role, what, from, to }: Reader): string {
  const did = what === 'map' ? t('map') : t('track', { from: moment(from), to: moment(to) });
  const who = ROLES.includes(role) ? t(role as 'admin') : role;
  return `${moment(at)} · ${name} (${who}) ${did}`;
}

const moment = (at: string | null | undefined) => (at ? formatTime(at, MOMENT) : '…');
