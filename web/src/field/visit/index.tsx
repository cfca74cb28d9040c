import { formatTime } from '@shared/i18n';
import { Notice } from '@shared/ui';
import { openConflicts } from '../conflicts';
import { world } from '../data/client';
import { type Visit, all } from '../data/rows';
import { Offered, offeredUntil } from '../offers';
import { address } from '../route';
import { waiting } from '../state';
import { OVER, nextStep, otherSteps } from '../steps';
import { t as shared, stateWord } from '../words';
import { Checklist } from './checklist';
import { Letters } from './letters';
import { Next } from './next';
import { Notes } from './notes';
import { Onward } from './onward';
import { Other } from './other';
import { Parts } from './parts';
import { Photos } from './photos';
import { Signed } from './signed';
import { Times } from './times';
import { t } from './words';

/** Everything about one visit; what comes next is the biggest button. */
export function VisitPage({ id }: { id: string }) {
  const visit = world.value.visits.get(id);
  if (!visit) {
    return (
      <main class="stack">
        <Notice kind="warn">
          <strong>{t('gone')}</strong>
          <p>{t(waiting() ? 'goneWaits' : 'goneSent')}</p>
        </Notice>
        {openConflicts() > 0 && <a class="button primary" href={address('conflicts')}>{t('goneOpen')}</a>}
        <a class="button" href={address()}>{shared('today')}</a>
      </main>
    );
  }
  const begun = !['dispatched', 'accepted', 'en_route'].includes(visit.status);
  return (
    <>
      <main class="stack visit-page">
        <Head visit={visit} />
        <Place visit={visit} />
        <About visit={visit} />
        <Letters visit={visit} />
        {!OVER.includes(visit.status) && <Checklist visit={visit} />}
        {begun && <Photos visit={visit} />}
        {begun && <Parts visit={visit} />}
        <Notes visit={visit} />
        <Times visit={visit} />
        {begun && <Signed visit={visit} />}
        <Before visit={visit} />
        {otherSteps(visit).length > 0 && <Other visit={visit} />}
      </main>
      {nextStep(visit) ? <Next visit={visit} /> : OVER.includes(visit.status) && <Onward />}
    </>
  );
}

function Head({ visit }: { visit: Visit }) {
  const job = world.value.jobs.get(visit.job_id);
  const until = offeredUntil(visit);
  return (
    <header class="stack tight">
      <a href={address()} class="button quiet back">‹ {shared('today')}</a>
      <h1>{job?.summary}</h1>
      <div class="row">
        <span class={`state ${visit.status}`}>{stateWord(visit.status)}</span>
        {job?.priority === 1 && <span class="state urgent">{t('priority')}</span>}
        <span class="soft">{job?.number}</span>
      </div>
      <p>{times(visit)}</p>
      {until && <Offered until={until} />}
      {visit.status === 'cancelled' && <Notice kind="warn">{t('takenBack', { reason: visit.cancel_reason ?? '' })}</Notice>}
      {visit.abort_asked_at && visit.status === 'working' && (
        <Notice kind="bad">{t('stopAsked', { reason: visit.abort_reason ?? '' })}</Notice>
      )}
    </header>
  );
}

function times(visit: Visit): string {
  const { planned_start: planned, window_start: from, window_end: to } = visit;
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  return [
    (planned ?? from) && formatTime((planned ?? from)!, day),
    planned && t('planned', { from: formatTime(planned) }),
    from && to && t('window', { from: formatTime(from), to: formatTime(to) }),
  ].filter(Boolean).join(' · ');
}

/** Where it is, who is there, and what to beware of. */
function Place({ visit }: { visit: Visit }) {
  const job = world.value.jobs.get(visit.job_id);
  const site = job && world.value.sites.get(job.site_id);
  const contact = job && world.value.contacts.get(job.contact_id ?? '');
  if (!site) return null;
  const [lon, lat] = site.location?.coordinates ?? [];
  return (
    <section class="card stack tight">
      <strong>{site.name}</strong>
      <span>{site.address}</span>
      {site.access_notes && (
        <Notice kind="warn">
          <strong>{t('beware')}</strong>
          <p>{site.access_notes}</p>
        </Notice>
      )}
      <div class="halves">
        {lat !== undefined && <a class="button" href={`geo:${lat},${lon}?q=${lat},${lon}`}>{t('navigate')}</a>}
        {contact?.phone && <a class="button" href={`tel:${contact.phone}`}>{t('call', { name: contact.name })}</a>}
      </div>
    </section>
  );
}

function About({ visit }: { visit: Visit }) {
  const job = world.value.jobs.get(visit.job_id);
  const asset = job && world.value.assets.get(job.asset_id ?? '');
  if (!job?.description && !visit.instructions && !asset) return null;
  return (
    <section class="card stack tight">
      <h2>{t('about')}</h2>
      {job?.description && <p class="wrapped">{job.description}</p>}
      {visit.instructions && <p class="wrapped"><strong>{visit.instructions}</strong></p>}
      {asset && <p>{[asset.name, asset.model, asset.serial].filter(Boolean).join(' · ')}</p>}
    </section>
  );
}

/** What this phone knows of other visits to the same place. */
function Before({ visit }: { visit: Visit }) {
  const site = world.value.jobs.get(visit.job_id)?.site_id;
  const others = all(world.value, 'visits', (it) => it.id !== visit.id && world.value.jobs.get(it.job_id)?.site_id === site);
  if (!others.length) return null;
  return (
    <details class="card">
      <summary>{t('history')} ({others.length})</summary>
      <ul class="plain">
        {others.map((other) => (
          <li key={other.id}>
            <a class="button quiet" href={address('visits', other.id)}>
              {times(other)} · {world.value.jobs.get(other.job_id)?.summary} · {stateWord(other.status)}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
