import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { locale, timeFormat } from '@shared/i18n';
import { newId } from '@shared/ids';
import { Button, TextField } from '@shared/ui';
import { day } from '../data/day';
import { once } from '../data/once';
import { atClock, shifted } from '../data/time';
import { say } from '../data/toasts';
import { Form, Wrong, at } from '../parts/form';
import { Area, Choice, Input } from '../parts/select';
import { PlaceField } from '../parts/place';
import { pointOf } from '../parts/point';
import { t } from './words';

export type Named = { id: string; name: string; code?: string };
type FormProps = { label: string; onAdd: () => Promise<string>; onDone: () => void; children: ComponentChildren };

/** A form that adds one row and stays for the next; what is wrong stands at its field. */
export function AddForm({ label, onAdd, onDone, children }: FormProps) {
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      say('good', t('added', { name: await onAdd() }));
      setFault(null);
      onDone();
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  return (
    <Form label={label} fault={fault} onSubmit={submit}>
      {children}
      <div class="row"><Button kind="primary" type="submit" busy={busy}>{t('add')}</Button></div>
    </Form>
  );
}

const codeOf = (name: string) => name.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 50);
const place = (words: string) => {
  if (!words.trim()) return null;
  const point = pointOf(words);
  if (!point) throw new Wrong({ place: t('badPlace') });
  return point;
};

export function SkillForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const add = async () => (await at({ name: 'skill', code: 'skill' }, result(api.POST('/api/v1/skills', { body: { code: codeOf(name), name } as never }))), setName(''), name);
  return <AddForm label={t('skills')} onAdd={add} onDone={onDone}><TextField label={t('name')} name="skill" value={name} onValue={setName} /></AddForm>;
}

export function TypeForm({ skills, onDone }: { skills: Named[]; onDone: () => void }) {
  const [name, setName] = useState('');
  const [minutes, setMinutes] = useState('60');
  const [skill, setSkill] = useState('');
  const [checks, setChecks] = useState('');
  const [photos, setPhotos] = useState('0');
  const [signed, setSigned] = useState(true);
  const add = async () => {
    const required_skills = skill ? [{ skill_id: skill, level: 1 }] : [];
    const rules = { required_photos: Number(photos), requires_signature: signed, checklist: checksOf(checks) };
    const body = { code: codeOf(name), name, duration_s: Math.round(Number(minutes) * 60), required_skills, ...rules };
    await at({ name: 'type', code: 'type', duration_s: 'minutes', required_photos: 'photos', label: 'checks' }, result(api.POST('/api/v1/job-types', { body: body as never })));
    setName(''), setChecks('');
    return name;
  };
  return (
    <AddForm label={t('types')} onAdd={add} onDone={onDone}>
      <TextField label={t('name')} name="type" value={name} onValue={setName} />
      <Input label={t('minutes')} name="minutes" type="number" value={minutes} onValue={setMinutes} />
      <Choice label={t('skill')} value={skill} onValue={setSkill} options={[['', t('noSkill')], ...skills.map((one) => [one.id, one.name] as const)]} />
      <Area label={t('checks')} name="checks" value={checks} onValue={setChecks} />
      <Input label={t('photos')} name="photos" type="number" value={photos} onValue={setPhotos} />
      <label class="check"><input type="checkbox" checked={signed} onChange={() => setSigned(!signed)} /> {t('signed')}</label>
    </AddForm>
  );
}

/** Each line is a point that is ticked before the work counts as done. */
const checksOf = (lines: string) =>
  lines.split('\n').map((line) => line.trim()).filter(Boolean).map((label) => ({ label, kind: 'bool', required: true, at_status: 'completed' }));

const DAYS = 14;
const WEEK = [1, 2, 3, 4, 5, 6, 0] as const; // Monday first
const OFFICE = [1, 2, 3, 4, 5];
const weekday = (date: string) => new Date(`${date}T12:00:00Z`).getUTCDay();
const nameOfDay = (day: number) => timeFormat(locale.value, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2026, 2, 1 + day)); // 1 March 2026 is a Sunday

/** An engineer with skills and the shifts of the next two weeks. */
export function EngineerForm({ skills, onDone }: { skills: Named[]; onDone: () => void }) {
  const [draft, setDraft] = useState({ name: '', phone: '', home: '', from: '08:00', to: '17:00' });
  const [has, setHas] = useState<readonly string[]>([]);
  const [until, setUntil] = useState<Readonly<Record<string, string>>>({}); // the last day of a certificate, by skill
  const [days, setDays] = useState<readonly number[]>(OFFICE);
  const ids = useRef<Record<string, string>>({}); // once a form: pressing again goes on where the last press failed
  const idOf = (what: string) => (ids.current[what] ??= newId());
  const set = (name: keyof typeof draft) => (value: string) => setDraft((before) => ({ ...before, [name]: value }));
  const tick = (id: string) => setHas((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  const add = async () => {
    const { name, phone, home, from, to } = draft;
    const id = idOf('engineer');
    await at({ name: 'engineer', home: 'place' }, once('engineers', id, { name, phone: phone || null, home: place(home) }));
    const owned = has.map((skill_id) => ({ skill_id, level: 3, expires_on: until[skill_id] || null }));
    if (owned.length) await result(api.PUT('/api/v1/engineers/{row_id}/skills', { params: { path: { row_id: id } }, body: { skills: owned } }));
    const dates = Array.from({ length: DAYS }, (_, ahead) => shifted(day.value, ahead)).filter((date) => days.includes(weekday(date)));
    for (const date of dates) {
      const hours = { starts_at: new Date(atClock(date, from)).toISOString(), ends_at: new Date(atClock(date, to)).toISOString() };
      await at({ starts_at: 'from', ends_at: 'to' }, once('shifts', idOf(date), { engineer_id: id, ...hours }));
    }
    ids.current = {};
    setDraft({ ...draft, name: '', phone: '' }), setUntil({});
    return name;
  };
  return (
    <AddForm label={t('people')} onAdd={add} onDone={onDone}>
      <TextField label={t('name')} name="engineer" value={draft.name} onValue={set('name')} />
      <TextField label={t('phone')} name="phone" type="tel" value={draft.phone} onValue={set('phone')} />
      <PlaceField label={t('home')} value={draft.home} onValue={set('home')} />
      <fieldset class="spots"><legend>{t('hasSkills')}</legend>
        {skills.map((one) => (
          <div class="line" key={one.id}>
            <label><input type="checkbox" checked={has.includes(one.id)} onChange={() => tick(one.id)} /> {one.name}</label>
            {has.includes(one.id) && <Input label={t('until', { skill: one.name })} type="date" value={until[one.id] ?? ''} onValue={(date) => setUntil({ ...until, [one.id]: date })} />}
          </div>
        ))}
      </fieldset>
      <div class="row end">
        <Input label={t('from')} name="from" type="time" value={draft.from} onValue={set('from')} />
        <Input label={t('to')} name="to" type="time" value={draft.to} onValue={set('to')} />
      </div>
      <fieldset class="spots"><legend>{t('weekdays', { n: DAYS })}</legend>
        <div class="line">
          {WEEK.map((one) => (
            <label key={one}><input type="checkbox" checked={days.includes(one)} onChange={() => setDays(days.includes(one) ? days.filter((other) => other !== one) : [...days, one])} /> {nameOfDay(one)}</label>
          ))}
        </div>
      </fieldset>
    </AddForm>
  );
}

export function SiteForm({ onDone }: { onDone: () => void }) {
  const [draft, setDraft] = useState({ customer: '', address: '', place: '' });
  const [ids, setIds] = useState(() => [newId(), newId()] as const);
  const set = (name: keyof typeof draft) => (value: string) => setDraft((before) => ({ ...before, [name]: value }));
  const add = async () => {
    const [account_id, site_id] = ids;
    const location = place(draft.place);
    await at({ name: 'customer' }, once('accounts', account_id, { name: draft.customer }));
    const site = { account_id, name: `${draft.customer} · ${draft.address}`, address: draft.address, location };
    await at({ name: 'address', location: 'place' }, once('sites', site_id, site));
    setDraft({ customer: '', address: '', place: '' }), setIds([newId(), newId()]);
    return draft.customer;
  };
  return (
    <AddForm label={t('sites')} onAdd={add} onDone={onDone}>
      <TextField label={t('customer')} name="customer" value={draft.customer} onValue={set('customer')} />
      <TextField label={t('address')} name="address" value={draft.address} onValue={set('address')} />
      <PlaceField label={t('place')} value={draft.place} onValue={set('place')} />
    </AddForm>
  );
}
