import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { engineers } from '../data/day';
import { PLANNED } from '../data/risk';
import { asked, close, go, screen } from '../data/route';
import { when } from '../data/time';
import { Fault, Priority, StatusTag } from '../parts/bits';
import { Risks, promise } from '../queue/card';
import { t as desk } from '../words';
import { JobTab } from './job';
import { useVisit } from './seen';
import { Why } from './why';
import { t } from './words';

/** What is open beside the screen: a visit, or a job. */
export function Panel() {
  const [visitId, jobId] = [asked('visit'), asked('job')];
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) close();
    };
    addEventListener('keydown', escape);
    return () => removeEventListener('keydown', escape);
  }, []);
  const opened = visitId ?? jobId;
  if (!opened) return null;
  return <Beside key={opened} id={opened}>{visitId ? <VisitPanel id={visitId} /> : <JobPanel id={opened} />}</Beside>;
}

/** Takes the focus when it opens and gives it back when it closes: the keyboard does not walk there over the board. */
function Beside({ id, children }: { id: string; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    if (!document.querySelector('dialog[open]')) box.current!.focus();
    return () => {
      const at = document.activeElement ?? document.body; // the body when what had the focus went away
      if (at !== document.body && !box.current?.contains(at)) return;
      const opener = before?.isConnected && before !== document.body ? before : null;
      const shown = document.querySelector<HTMLElement>(`button[data-visit="${CSS.escape(id)}"], [data-visit="${CSS.escape(id)}"] button`);
      (opener ?? shown ?? document.querySelector('main'))?.focus();
    };
  }, []);
  return <div class="beside" ref={box} tabIndex={-1}>{children}</div>;
}

const JobPanel = ({ id }: { id: string }) => (
  <aside class="panel" aria-label={t('job')}>
    <div class="line"><span class="grow" /><Close /></div>
    <JobTab id={id} />
  </aside>
);

const Close = () => (
  <Button kind="quiet" aria-label={desk('close')} title={`${desk('close')} (Esc)`} onClick={close}>
    ✕
  </Button>
);

function VisitPanel({ id }: { id: string }) {
  const { visit, error } = useVisit(id);
  if (!visit) return <aside class="panel">{error ? <Fault error={error} /> : null}<Close /></aside>;
  const why = PLANNED.has(visit.status) && may('dispatch.read');
  const tab = why && (asked('tab') ?? (visit.engineer_id ? 'job' : 'who')) === 'who' ? 'who' : 'job';
  const choose = (next: string) => go(screen(), { tab: next });
  return (
    <aside class="panel" aria-label={`${visit.job_number} ${visit.summary}`}>
      <header class="stack tight">
        <div class="line">
          <Priority value={visit.priority} /> <StatusTag visit={visit} />
          <span class="grow" />
          <span class="soft">{visit.job_number}</span>
          <Close />
        </div>
        <h2>{visit.summary}</h2>
        <p class="soft">{visit.site_name}</p>
        <p>
          {promise(visit)} ·{' '}
          {visit.engineer_id ? engineers.value.get(visit.engineer_id)?.name : desk('nobody')}
          {visit.planned_start && ` · ${when(visit.planned_start)}`}
        </p>
        <div class="line"><Risks visit={visit} /></div>
      </header>
      {why && (
        <div class="tabs" role="group" aria-label={t('tabs')}>
          <button type="button" aria-pressed={tab === 'who'} onClick={() => choose('who')}>{t('who')}</button>
          <button type="button" aria-pressed={tab === 'job'} onClick={() => choose('job')}>{t('job')}</button>
        </div>
      )}
      {tab === 'who' ? <Why visit={visit} /> : <JobTab id={visit.job_id} visit={visit} />}
    </aside>
  );
}
