import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { dictionary, formatDuration, locale, timeFormat } from '@shared/i18n';
import { Button } from '@shared/ui';
import { all, may } from '../data/calls';
import { absences, day, engineers, latest, now, shifts, territories } from '../data/day';
import { go } from '../data/route';
import type { Engineer, Row, Shift } from '../data/shapes';
import { dateOf, dayName, when } from '../data/time';
import { followed, person } from '../desk-state';
import { minutes } from '../words';
import { Dialog } from './bits';

const t = dictionary(
  {
    open: 'Phone, skills and hours of {name}', phone: 'Phone', noPhone: 'none is known', skills: 'Skills', level: 'level {level}', until: 'until {date}', expired: 'expired on {date}', none: 'none',
    shift: 'Works on {day}', noShift: 'no shift', call: 'on call', pause: 'Break', spell: '{length} between {from} and {to}', away: 'Away', vacation: 'on holiday', sick: 'ill', training: 'in training', other: 'away',
    areas: 'Territories', everywhere: 'all', seen: 'Position', ago: '{age} ago', never: 'none', map: 'On the map, with the track',
  },
  {
    open: '{name} 的电话、技能和班次', phone: '电话', noPhone: '未登记', skills: '技能', level: '{level} 级', until: '有效期至 {date}', expired: '已于 {date} 过期', none: '无',
    shift: '{day} 的班次', noShift: '无班次', call: '待命', pause: '休息', spell: '{from} 至 {to} 之间 {length}', away: '缺勤', vacation: '休假', sick: '病假', training: '培训', other: '缺勤',
    areas: '区域', everywhere: '全部', seen: '位置', ago: '{age}前', never: '无', map: '在地图上查看及轨迹',
  },
);

/** A name that opens the card of whoever bears it. */
export function PersonName({ id, tab }: { id: string; tab?: number }) {
  const name = engineers.value.get(id)?.name;
  if (!name) return <>…</>;
  return <button type="button" class="person-name" tabIndex={tab} title={t('open', { name })} onClick={() => (person.value = id)}>{name}</button>;
}

/** Who somebody is, for whoever wants to call or send them: phone number, skills, hours of the day, last position. */
export function Person({ id }: { id: string }) {
  const close = () => (person.value = null);
  const one = engineers.value.get(id);
  if (!one) return null;
  const work = shifts.value.filter(({ engineer_id }) => engineer_id === id);
  const pauses = work.flatMap(({ breaks }) => breaks ?? []);
  const away = absences.value.filter(({ engineer_id }) => engineer_id === id);
  const at = latest.value.get(id)?.at;
  const show = () => (close(), go('map'), (followed.value = id));
  const span = (from: string, to: string) => `${when(from, day.value)}–${when(to, dateOf(Date.parse(from)))}`;
  const hours = ({ starts_at, ends_at, on_call }: Shift) => span(starts_at, ends_at) + (on_call ? ` (${t('call')})` : '');
  return (
    <Dialog label={one.name} onClose={close}><div class="stack tight">
      <dl class="facts person-facts">
        <Fact name={t('phone')} lines={[one.phone ? <a href={`tel:${dialled(one.phone)}`}>{one.phone}</a> : t('noPhone')]} />
        <Skills of={one} />
        <Fact name={t('shift', { day: dayName(day.value) })} lines={work.length ? work.map(hours) : [t('noShift')]} />
        <Fact name={t('pause')} lines={pauses.map((one) => t('spell', { length: minutes(one.duration_s), from: when(one.window_start, day.value), to: when(one.window_end, day.value) }))} />
        <Fact name={t('away')} lines={away.map(({ reason, starts_at, ends_at }) => `${t(reason)}, ${span(starts_at, ends_at)}`)} />
        <Fact name={t('areas')} lines={[one.territory_ids.map((area) => territories.value.get(area)?.name ?? '…').join(', ') || t('everywhere')]} />
        {may('positions.read') && <Fact name={t('seen')} lines={[at ? t('ago', { age: formatDuration((now.value - Date.parse(at)) / 1000) }) : t('never')]} />}
      </dl>
      {may('positions.read') && <div class="row"><Button onClick={show}>{t('map')}</Button></div>}
    </div></Dialog>
  );
}

const Fact = ({ name, lines }: { name: string; lines: ComponentChildren[] }) =>
  lines.length ? <div><dt>{name}</dt><dd>{lines.map((line, place) => <div key={place}>{line}</div>)}</dd></div> : null;

function Skills({ of: { skills } }: { of: Engineer }) {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const page = async (cursor: string | undefined) => (await result(api.GET('/api/v1/skills', { params: { query: { limit: 200, cursor } as never } }))) as never;
    void all<Row<'Skill'>>(page).then((found) => setNames(new Map(found.map((one) => [one.id, one.name]))), () => undefined);
  }, []);
  const lines = skills.map(({ skill_id, code, level, expires_on }) => {
    const over = Boolean(expires_on && expires_on < dateOf(now.value));
    const words = [t('level', { level: level! }), expires_on && t(over ? 'expired' : 'until', { date: written(expires_on) })].filter(Boolean).join(', ');
    return <>{names.get(skill_id) ?? code} <span class={over ? 'bad-ink' : 'soft'}>{over && '⚠ '}{words}</span></>;
  });
  return <Fact name={t('skills')} lines={lines.length ? lines : [t('none')]} />;
}

const written = (date: string) => timeFormat(locale.value, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T12:00:00Z`));

/** A phone number as it is dialled: without the zero that is left out from abroad. */
export const dialled = (phone: string): string => phone.replace('(0)', '').replace(/[^+\d]/g, '');
