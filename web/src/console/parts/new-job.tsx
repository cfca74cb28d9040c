import { useEffect, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { newId } from '@shared/ids';
import { Button, Notice, TextField } from '@shared/ui';
import { day, jobTypes, refreshJob } from '../data/day';
import { draftOf, keep, useDraft } from '../data/drafts';
import { open } from '../data/route';
import type { Row, Site } from '../data/shapes';
import { once } from '../data/once';
import { atClock } from '../data/time';
import { creating } from '../desk-state';
import { priorityName } from '../words';
import { Dialog } from './bits';
import { Callers } from './callers';
import { PlaceField } from './place';
import { pointOf } from './point';
import { Area, Choice, Input } from './select';

const t = dictionary(
  {
    title: 'New job from a call', who: 'Who calls, or where?', whoHint: 'Name, phone or address', sites: 'Where', none: 'Nobody known by that. Add them:', known: 'Choose somebody known',
    caller: 'Caller', phone: 'Phone', address: 'Address', place: 'Latitude, longitude', placeHint: 'Such as 31.2304, 121.4737. Without it nobody can be proposed.', newOne: 'Somebody new', type: 'What kind of work',
    priority: 'How urgent', summary: 'What is wrong', details: 'Details', date: 'Day', from: 'From', to: 'Until', create: 'Create and choose who goes', missing: 'Choose where and what kind.', badPlace: 'Two numbers: latitude, longitude.',
    kept: 'Your draft from before is still here.', discard: 'Discard',
  },
  {
    title: '来电新建工单', who: '谁来电，或在哪里？', whoHint: '姓名、电话或地址', sites: '地点', none: '没有匹配的客户，请新建：', known: '选择已有客户',
    caller: '来电人', phone: '电话', address: '地址', place: '纬度, 经度', placeHint: '例如 31.2304, 121.4737。没有坐标就无法推荐人选。', newOne: '新客户', type: '工作类型',
    priority: '紧急程度', summary: '问题', details: '详情', date: '日期', from: '从', to: '到', create: '创建并选人', missing: '请选择地点和类型。', badPlace: '两个数字：纬度, 经度。',
    kept: '之前未完成的草稿仍在这里。', discard: '放弃草稿',
  },
);

interface Draft {
  words: string; site: Spot | null; contact: string; fresh: boolean; caller: string; phone: string; address: string; place: string;
  type: string; priority: string; summary: string; details: string; date: string; from: string; to: string;
  ids: Record<'account' | 'contact' | 'site' | 'job', string>; // made once a form: pressing again goes on where the last press failed
}
type Spot = { id: string; name: string; more: string; contact_id: string | null; account_id: string | null };

const KEY = 'new-job';
const empty = (): Draft => ({
  words: '', site: null, contact: '', fresh: false, caller: '', phone: '', address: '', place: '', type: '', priority: '2', summary: '', details: '', date: day.value, from: '', to: '', ids: { account: newId(), contact: newId(), site: newId(), job: newId() },
});

/** A call becomes a job in under a minute. What is half written stays until it is created or thrown away. */
export function NewJob() {
  const [turn, setTurn] = useState(0);
  return <Call key={turn} onDiscard={() => (keep(KEY, null), setTurn(turn + 1))} />;
}

function Call({ onDiscard }: { onDiscard: () => void }) {
  const [begun] = useState(empty);
  const [draft, setDraft] = useDraft<Draft>(KEY, begun);
  const [again] = useState(() => draftOf(KEY) !== null);
  const [spots, setSpots] = useState<Spot[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (values: Partial<Draft>) => setDraft((before) => ({ ...before, ...values }));
  const set = (name: Exclude<keyof Draft, 'ids' | 'site'>) => (value: string) => change({ [name]: value });
  useEffect(() => {
    if (draft.words.trim().length < 2) return setSpots(null);
    const timer = setTimeout(() => places(draft.words.trim()).then(setSpots, (error) => setFault(inWords(error))), 200);
    return () => clearTimeout(timer);
  }, [draft.words]);

  const chosen = draft.site;
  const known = chosen && !spots?.some((one) => one.id === chosen.id) ? [chosen, ...(spots ?? [])] : spots;
  const take = (site: Site) => change({ fresh: false, words: site.name, site: spot(site, null), contact: '' });

  async function submit(event: Event) {
    event.preventDefault();
    if (!draft.type || !(draft.site || (draft.fresh && draft.address))) return setFault(t('missing'));
    if (draft.fresh && draft.place && !pointOf(draft.place)) return setFault(t('badPlace'));
    if (!draft.fresh && !chosen) return setFault(t('missing'));
    setBusy(true);
    try {
      const visit = await create(draft, draft.fresh ? null : { ...chosen!, contact_id: draft.contact || null });
      setDraft(null);
      creating.value = false;
      open(visit, 'who');
    } catch (error) {
      setFault(inWords(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog label={t('title')} onClose={() => (creating.value = false)} wide>
      <form class="stack tight two" onSubmit={submit}>
        {fault && <Notice kind="bad">{fault}</Notice>}
        {again && <p class="soft">{t('kept')}</p>}
        {draft.fresh ? (
          <>
            <TextField label={t('caller')} name="caller" value={draft.caller} onValue={set('caller')} autofocus />
            <TextField label={t('phone')} name="phone" type="tel" value={draft.phone} onValue={set('phone')} />
            <TextField label={t('address')} name="address" value={draft.address} onValue={set('address')} />
            <PlaceField label={t('place')} hint={t('placeHint')} value={draft.place} onValue={set('place')} onSite={take} />
            <Button onClick={() => change({ fresh: false })}>{t('known')}</Button>
          </>
        ) : (
          <>
            <TextField label={t('who')} hint={t('whoHint')} name="who" value={draft.words} onValue={(words) => change({ words, site: null })} autofocus />
            {known && (
              <fieldset class="spots">
                <legend>{known.length ? t('sites') : t('none')}</legend>
                {known.length > 0 && <div>
                  {known.map((one) => (
                    <label key={one.id}>
                      <input type="radio" name="site" checked={chosen?.id === one.id} onChange={() => change({ site: one, contact: one.contact_id ?? '' })} /> <strong>{one.name}</strong> <span class="soft">{one.more}</span>
                    </label>
                  ))}
                </div>}
                <Button onClick={() => change({ fresh: true, caller: draft.words })}>{t('newOne')}</Button>
              </fieldset>
            )}
            {chosen?.account_id && <Callers key={chosen.account_id} account={chosen.account_id} value={draft.contact} onValue={set('contact')} />}
          </>
        )}
        <Choice label={t('type')} value={draft.type} onValue={set('type')} options={[['', '—'], ...[...jobTypes.value.values()].map((one) => [one.id, one.name] as const)]} />
        <Choice label={t('priority')} value={draft.priority} onValue={set('priority')} options={[1, 2, 3, 4].map((one) => [String(one), priorityName(one)])} />
        <TextField label={t('summary')} name="summary" value={draft.summary} onValue={set('summary')} />
        <Area label={t('details')} value={draft.details} onValue={set('details')} />
        <div class="row">
          <Input label={t('date')} type="date" value={draft.date} onValue={set('date')} />
          <Input label={t('from')} type="time" value={draft.from} onValue={set('from')} />
          <Input label={t('to')} type="time" value={draft.to} onValue={set('to')} />
        </div>
        <div class="row">
          <Button kind="primary" class="grow" type="submit" busy={busy}>{t('create')}</Button>
          {draft !== begun && <Button onClick={onDiscard}>{t('discard')}</Button>}
        </div>
      </form>
    </Dialog>
  );
}

/** Sites by their own words, and those of the people whose name or number fits. */
async function places(words: string): Promise<Spot[]> {
  const query = { q: words, limit: 6 };
  const [sites, contacts] = await Promise.all([
    result(api.GET('/api/v1/sites', { params: { query: query as never } })) as unknown as Promise<{ items: Site[] }>,
    result(api.GET('/api/v1/contacts', { params: { query: query as never } })) as unknown as Promise<{ items: Row<'Contact'>[] }>,
  ]);
  const theirs = await Promise.all(contacts.items.filter((one) => one.account_id).map(async (contact) => {
    const found = (await result(api.GET('/api/v1/sites', { params: { query: { account_id: contact.account_id, limit: 4 } as never } }))) as unknown as { items: Site[] };
    return found.items.map((site) => spot(site, contact));
  }));
  const unique = new Map([...theirs.flat(), ...sites.items.map((site) => spot(site, null))].reverse().map((one) => [one.id, one]));
  return [...unique.values()].reverse();
}

const spot = (site: Site, contact: Row<'Contact'> | null): Spot => ({
  id: site.id, name: site.name, account_id: site.account_id, contact_id: contact?.id ?? null,
  more: [contact?.name, contact?.phone, site.address].filter(Boolean).join(' · '),
});

/** Writes caller and site where they are new, then the job with its one visit. Returns the visit's id. */
async function create(draft: Draft, known: Spot | null): Promise<string> {
  const at = known ?? (await newcomer(draft));
  const moment = (clock: string) => (clock && draft.date ? new Date(atClock(draft.date, clock)).toISOString() : null);
  const kind = jobTypes.value.get(draft.type)!;
  const visit = { window_start: moment(draft.from), window_end: moment(draft.to) };
  const { job } = draft.ids;
  const values = {
    job_type_id: draft.type, site_id: at.id, account_id: at.account_id, contact_id: at.contact_id, priority: Number(draft.priority),
    summary: draft.summary.trim() || kind.name, description: draft.details,
  };
  await once('jobs', job, values, { source: 'phone', visits: [visit] });
  return (await refreshJob(job))[0]!.id;
}

async function newcomer(draft: Draft): Promise<{ id: string; account_id: string | null; contact_id: string | null }> {
  const name = draft.caller.trim() || draft.address.trim();
  const { account: account_id, contact: contact_id, site: id } = draft.ids;
  await once('accounts', account_id, { name });
  await once('contacts', contact_id, { account_id, name, phone: draft.phone.trim() || null });
  const address = draft.address.trim();
  await once('sites', id, { account_id, name: address, address, location: draft.place ? pointOf(draft.place) : null });
  return { id, account_id, contact_id };
}
