import { useEffect, useState } from 'preact/hooks';
import { Button, TextField } from '@shared/ui';
import { jobTypes } from '../data/day';
import { draftOf, keep, useDraft } from '../data/drafts';
import { open, openJob } from '../data/route';
import type { Site } from '../data/shapes';
import { say } from '../data/toasts';
import { creating } from '../desk-state';
import { priorityName } from '../words';
import { AtSite } from './at-site';
import { Dialog } from './bits';
import { Callers } from './callers';
import { Form, Wrong } from './form';
import { HoursFields, isOver } from './hours';
import { type Draft, type Spot, type Words, empty, newIds, wrongIn } from './new-job-draft';
import { places, spot } from './new-job-places';
import { t } from './new-job-words';
import { create } from './new-job-writing';
import { PlaceField } from './place';
import { Area, Choice } from './select';

const KEY = 'new-job';

/** A call becomes a job in under a minute. What is half written stays until it is created or thrown away. */
export function NewJob() {
  const [turn, setTurn] = useState(0);
  return <Call key={turn} onDiscard={() => (keep(KEY, null), setTurn(turn + 1))} />;
}

/** What the parts of the form share. */
type Parts = { draft: Draft; change: (values: Partial<Draft>) => void; set: (name: Words) => (value: string) => void };

function Call({ onDiscard }: { onDiscard: () => void }) {
  const [begun] = useState(empty);
  const [again] = useState(() => draftOf(KEY) !== null);
  const [draft, setDraft] = useDraft<Draft>(KEY, begun);
  const [fault, setFault] = useState<unknown>(null);
  const [asked, setAsked] = useState(''); // the hours that were asked about because they are over
  const [busy, setBusy] = useState(false);
  const change = (values: Partial<Draft>) => setDraft((before) => ({ ...before, ...values }));
  const parts: Parts = { draft, change, set: (name) => (value) => change({ [name]: value }) };
  const hours = [draft.date, draft.from, draft.to].join();

  async function submit(event: Event) {
    event.preventDefault();
    const wrong = wrongIn(draft);
    if (Object.keys(wrong).length) return setFault(new Wrong(wrong));
    if (isOver(draft) && asked !== hours) return setAsked(hours), setFault(new Wrong({ [draft.to ? 'to' : draft.from ? 'from' : 'date']: t('over') }));
    setBusy(true);
    const ids = draft.ids ?? newIds();
    change({ ids });
    try {
      const visit = await create({ ...draft, ids });
      setDraft(null);
      creating.value = false;
      if (visit) open(visit, 'who');
      else say('good', t('elsewhere'));
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  }

  return (
    <Dialog label={t('title')} onClose={() => (creating.value = false)} wide>
      <Form fault={fault} onSubmit={submit}>
        {again && <p class="soft">{t('kept')}</p>}
        {draft.fresh ? <Newcomer {...parts} /> : <Known {...parts} onFault={setFault} />}
        <Work {...parts} />
        <div class="row">
          <Button kind="primary" class="grow" type="submit" busy={busy}>{t(asked === hours ? 'anyway' : 'create')}</Button>
          {draft !== begun && <Button onClick={onDiscard}>{t('discard')}</Button>}
        </div>
      </Form>
    </Dialog>
  );
}

function Newcomer({ draft, change, set }: Parts) {
  const take = (site: Site) => change({ fresh: false, words: site.name, site: spot(site, null), contact: '', asset: '' });
  return (
    <>
      <TextField label={t('caller')} name="caller" value={draft.caller} onValue={set('caller')} autofocus />
      <TextField label={t('phone')} name="phone" type="tel" value={draft.phone} onValue={set('phone')} />
      <TextField label={t('address')} name="address" value={draft.address} onValue={set('address')} />
      <PlaceField label={t('place')} hint={t('placeHint')} value={draft.place} onValue={set('place')} onSite={take} />
      <Button onClick={() => change({ fresh: false })}>{t('known')}</Button>
    </>
  );
}

function Known({ draft, change, set, onFault }: Parts & { onFault: (fault: unknown) => void }) {
  const [found, setFound] = useState<Spot[] | null>(null);
  useEffect(() => {
    if (draft.words.trim().length < 2) return setFound(null);
    const timer = setTimeout(() => void places(draft.words.trim()).then(setFound, onFault), 200);
    return () => clearTimeout(timer);
  }, [draft.words]);
  const chosen = draft.site;
  const spots = chosen && !found?.some((one) => one.id === chosen.id) ? [chosen, ...(found ?? [])] : found;
  return (
    <>
      <TextField label={t('who')} hint={t('whoHint')} name="who" value={draft.words} onValue={(words) => change({ words, site: null })} autofocus />
      {spots && (
        <fieldset class="spots">
          <legend>{spots.length ? t('sites') : t('none')}</legend>
          {spots.length > 0 && <div>
            {spots.map((one) => (
              <label key={one.id}>
                <input type="radio" name="site" checked={chosen?.id === one.id} onChange={() => change({ site: one, contact: one.contact_id ?? '', asset: '' })} /> <strong>{one.name}</strong> <span class="soft">{one.more}</span>
              </label>
            ))}
          </div>}
          <Button onClick={() => change({ fresh: true, caller: draft.words })}>{t('newOne')}</Button>
        </fieldset>
      )}
      {chosen?.account_id && <Callers key={chosen.account_id} account={chosen.account_id} draft={draft} set={set} />}
      {chosen && <AtSite key={chosen.id} site={chosen.id} asset={draft.asset} onAsset={set('asset')} onOpen={(job) => (creating.value = false, openJob(job))} />}
    </>
  );
}

function Work({ draft, change, set }: Parts) {
  return (
    <>
      <Choice label={t('type')} name="type" value={draft.type} onValue={set('type')} options={[['', '—'], ...[...jobTypes.value.values()].map((one) => [one.id, one.name] as const)]} />
      <Choice label={t('priority')} name="priority" value={draft.priority} onValue={set('priority')} options={[1, 2, 3, 4].map((one) => [String(one), priorityName(one)])} />
      <TextField label={t('summary')} name="summary" value={draft.summary} onValue={set('summary')} />
      <Area label={t('details')} name="details" value={draft.details} onValue={set('details')} />
      <HoursFields hours={draft} onHours={change} hint={!draft.from && !draft.to ? t('noHours') : null} />
    </>
  );
}
