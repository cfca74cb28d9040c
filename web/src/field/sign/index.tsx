import { useEffect, useMemo, useState } from 'preact/hooks';
import { session } from '@shared/api';
import { locale } from '@shared/i18n';
import { type ReportDocument, ReportView } from '@shared/report';
import { Pad } from '@shared/pad';
import type { Stroke } from '@shared/strokes';
import { Button, Notice, TextField } from '@shared/ui';
import { lastServerTime, world } from '../data/client';
import { type OwnStep, own } from '../data/own';
import type { Visit } from '../data/rows';
import { claimed, reportOf } from '../report';
import { address, go } from '../route';
import { Sheet } from '../sheet';
import { unsavedNote } from '../visit/notes';
import { t as shared } from '../words';
import { canonical } from './canonical';
import type { SignOff } from './envelope';
import { signOff } from './signing';
import { t } from './words';

const ROLES = ['customer', 'tenant', 'caretaker', 'colleague'] as const;

/** The report as it stands, the customer's name, and the field for the signature. */
export function SignPage({ visit }: { visit: Visit }) {
  const steps = useOwnSteps(visit.id);
  if (!steps) return null;
  return <Signing visit={visit} steps={steps} />;
}

function Signing({ visit, steps }: { visit: Visit; steps: OwnStep[] }) {
  const document = useMemo(() => shownReport(visit, steps), [visit.id, locale.value]);
  const job = world.value.jobs.get(visit.job_id);
  const [name, setName] = useState(world.value.contacts.get(job?.contact_id ?? '')?.name ?? '');
  const [role, setRole] = useState<string>('customer');
  const [strokes, setStrokes] = useState<Stroke[]>([]);
  const [fault, setFault] = useState<'nameMissing' | 'padEmpty' | null>(null);
  const [refusing, setRefusing] = useState(false);
  const [busy, setBusy] = useState(false);
  const unsaved = unsavedNote(visit.id);

  async function keep(given: SignOff['given']) {
    if (!name.trim()) return setFault('nameMissing');
    if ('strokes' in given && !given.strokes.length) return setFault('padEmpty');
    setBusy(true);
    const signer = { name: name.trim(), role };
    await signOff({ ...about(visit, document), signer, consent: t('consent'), given }, world.value.signatures.values());
    go('visits', visit.id);
  }

  return (
    <main class="stack">
      <a href={address('visits', visit.id)} class="button quiet back">‹ {shared('back')}</a>
      <h1>{t('title')}</h1>
      <p>{t('intro')}</p>
      {unsaved && <Notice kind="warn">{t('unsavedNote', { words: unsaved })}</Notice>}
      <div class="card">
        <ReportView report={JSON.parse(document) as ReportDocument} />
      </div>
      <section class="card stack signing">
        <TextField label={t('name')} name="signer" autocomplete="off" value={name} onValue={setName}
          error={fault === 'nameMissing' ? t('nameMissing') : undefined} />
        <div class="field">
          <label for="role">{t('role')}</label>
          <select id="role" value={role} onChange={(event) => setRole(event.currentTarget.value)}>
            {ROLES.map((each) => <option key={each} value={each}>{t(each)}</option>)}
          </select>
        </div>
        <p>{t('consent')}</p>
        <Pad onDrawn={setStrokes} error={fault === 'padEmpty' ? t('padEmpty') : undefined} />
        <Button kind="primary" busy={busy} onClick={() => keep({ strokes })}>{t('sign')}</Button>
        <Button onClick={() => setRefusing(true)}>{t('refuse')}</Button>
      </section>
      {refusing && <Refusal onClose={() => setRefusing(false)} onKeep={(refusal) => (setRefusing(false), keep({ refusal }))} />}
    </main>
  );
}

function Refusal({ onClose, onKeep }: { onClose: () => void; onKeep: (reason: string) => void }) {
  const [reason, setReason] = useState('');
  return (
    <Sheet title={t('refuse')} onClose={onClose}>
      <div class="choices">
        {(['notHere', 'disagrees', 'noTime'] as const).map((each) => (
          <Button key={each} aria-pressed={reason === t(each)} onClick={() => setReason(t(each))}>{t(each)}</Button>
        ))}
      </div>
      <textarea aria-label={t('why')} rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      <Button kind="primary" disabled={!reason.trim()} onClick={() => onKeep(reason.trim())}>{t('keepRefusal')}</Button>
    </Sheet>
  );
}

/** The canonical report, as it is when the page opens: what is shown is what is signed. */
function shownReport(visit: Visit, steps: OwnStep[]): string {
  const times = Object.fromEntries(steps.map(({ to, at }) => [to, at]));
  const organisation = session.current.value!.user.organisation!;
  return canonical(
    reportOf(world.value, visit, {
      language: locale.value,
      organisation: organisation.name,
      zone: organisation.timezone!,
      own: { on_site: times.on_site, working: times.working },
    }),
  );
}

function about(visit: Visit, document: string): Pick<SignOff, 'visit' | 'deviceId' | 'document' | 'photos' | 'serverTime'> {
  return {
    visit: { id: visit.id, rev: visit.rev },
    deviceId: session.current.value!.deviceId,
    document,
    photos: claimed(JSON.parse(document)),
    serverTime: lastServerTime(),
  };
}

function useOwnSteps(visitId: string): OwnStep[] | null {
  const [steps, setSteps] = useState<OwnStep[] | null>(null);
  useEffect(() => {
    void own().steps.where('visit_id').equals(visitId).toArray().then(setSteps);
  }, [visitId]);
  return steps;
}
