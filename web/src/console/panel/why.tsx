import { useEffect, useState } from 'preact/hooks';
import { ProblemError, api, result } from '@shared/api';
import { formatNumber } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { give } from '../data/assigning';
import { may } from '../data/calls';
import { day, engineers } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import type { Candidate, Reason, Visit } from '../data/shapes';
import { dateOf, sinceNow, when } from '../data/time';
import { Empty, Fault } from '../parts/bits';
import { Delays } from './delays';
import { ForceForm, Manual } from './manual';
import { PromiseForm } from './promise';
import { t, termName } from './words';

type Count = { rule: string; count: number; detail: string };
type Answer = { candidates: Candidate[]; rejected: { engineer_id: string; reasons: Reason[] }[]; summary?: Count[] };
const MANY = 8;
const CHANGES = /^(visit\.(assigned|transitioned|updated)|plan\.applied|shift\.|absence\.)/;

/** Who should go to a visit and why, and why not the others; asked again when the day changes. */
export function Why({ visit }: { visit: Visit }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = () =>
    result(api.POST('/api/v1/dispatch/recommendations', { body: { visit_id: visit.id, limit: MANY } }))
      .then((found) => (setAnswer(found as unknown as Answer), setError(null)))
      .catch(setError);
  useEffect(() => {
    void ask();
    const soon = gathered(ask, 600);
    return onEvent(({ topic }) => CHANGES.test(topic) && soon());
  }, [visit.id, visit.rev]);
  if (error) return <Refused error={error} visit={visit} onAgain={() => void ask()} />;
  if (!answer) return <Asking />;
  const top = Math.max(...answer.candidates.map((one) => Math.abs(one.score)), 1);
  return (
    <div class="stack tight">
      {answer.candidates.length ? <h3>{t('best')}</h3> : <Empty title={t('none')}>{t('noneMore')}</Empty>}
      <ol class="candidates">
        {answer.candidates.map((one) => (
          <CandidateRow key={one.engineer_id} visit={visit} one={one} top={top} />
        ))}
      </ol>
      <Rejected visit={visit} rejected={answer.rejected} summary={answer.summary ?? []} />
      <PromiseForm key={`promise ${visit.rev}`} visit={visit} open={!answer.candidates.length} />
      <Manual key={visit.rev} visit={visit} />
    </div>
  );
}

const LONG_MS = 4_000; // after that a word why it takes so long

function Asking() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return <p class="soft" aria-busy="true">{t('asking')} {long && t('askingLong')}</p>;
}

/** Questions that have no answer are explained; by hand it may still go. */
function Refused({ error, visit, onAgain }: { error: unknown; visit: Visit; onAgain: () => void }) {
  const slug = error instanceof ProblemError ? error.status : 0;
  if (slug === 409) return <Notice kind="warn">{t('over')}</Notice>;
  return (
    <div class="stack tight">
      {slug === 422 && !visit.location ? <Notice kind="warn">{t('noPlace')}</Notice> : <Fault error={error} onAgain={onAgain} />}
      <Manual key={visit.rev} visit={visit} />
    </div>
  );
}

/** When the work would be done; the day is said only where it is not the day of arriving. */
const ends = ({ eta, end }: Candidate) => when(end, dateOf(Date.parse(eta)));

function CandidateRow({ visit, one, top }: { visit: Visit; one: Candidate; top: number }) {
  const [busy, setBusy] = useState(false);
  const name = engineers.value.get(one.engineer_id)?.name ?? '…';
  const assign = async () => {
    setBusy(true);
    // The moment that was shown is the moment that is meant.
    await give({ visit, engineer_id: one.engineer_id, start: one.start });
    setBusy(false);
  };
  return (
    <li class="candidate">
      <div class="line">
        <strong class="grow">{name}</strong>
        {visit.engineer_id === one.engineer_id && <span class="tag">{t('holds')}</span>}
        {may('dispatch.assign') && (
          <Button kind="primary" busy={busy} onClick={assign} aria-label={`${t('assign')}: ${name}`}>
            {t('assign')}
          </Button>
        )}
      </div>
      <meter min={0} max={top} value={top - Math.min(top, Math.abs(Math.min(0, one.score)))} aria-hidden="true" />
      <div class="line">
        <span>{t('arrives', { eta: when(one.eta, day.value), end: ends(one) })}</span>
        <span class="soft">{t('drive', { n: Math.round(one.added_travel_s / 60) })} · {t('points', { n: Math.round(one.score) })}</span>
      </div>
      <ul class="terms">
        {one.terms!.map((term) => (
          <li key={term.name} class={term.points! < 0 ? 'cost' : 'gain'}>
            <b>{formatNumber(term.points!, { maximumFractionDigits: Math.abs(term.points!) < 1000 ? 1 : 0, signDisplay: 'exceptZero' })}</b>
            <span>{termName(term.name!)} <span class="soft">{term.detail}</span></span>
          </li>
        ))}
      </ul>
      <Delays delays={one.delays ?? []} />
    </li>
  );
}

/** Whoever lacks least comes first: a rule that gives way (`any_of`) counts as one, however many ways there are. */
const nearestFirst = (rejected: Answer['rejected']) => [...rejected].sort((a, b) => lacks(a) - lacks(b));
const lacks = ({ reasons }: Answer['rejected'][number]) =>
  reasons.filter((one) => !one.any_of).length + Number(reasons.some((one) => one.any_of));

function Rejected({ visit, rejected, summary }: { visit: Visit; rejected: Answer['rejected']; summary: Count[] }) {
  const [forced, setForced] = useState<string | null>(null);
  if (!rejected.length) return null;
  return (
    <>
      <p class="who-cannot">{summary.map((one) => one.detail).join(' · ')}</p>
      <details class="rejected" open={rejected.length < 4}>
        <summary>{t('rejected', { n: Math.max(rejected.length, summary.reduce((sum, one) => sum + one.count, 0)) })}</summary>
        <ul>
          {nearestFirst(rejected).map((one) => (
            <li key={one.engineer_id}>
              <div class="line">
                <strong class="grow">{engineers.value.get(one.engineer_id)?.name ?? '…'}</strong>
                {may('dispatch.assign') && (
                  <Button kind="quiet" onClick={() => setForced(forced === one.engineer_id ? null : one.engineer_id)}>
                    {t('force')}
                  </Button>
                )}
              </div>
              <Reasons reasons={one.reasons} />
              {forced === one.engineer_id && (
                <ForceForm wish={{ visit, engineer_id: one.engineer_id, start: sinceNow(visit.planned_start ?? visit.window_start) }}
                  onDone={() => setForced(null)} />
              )}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

/** What stands in the way; of those that stand together one has to give way. */
function Reasons({ reasons }: { reasons: Reason[] }) {
  const [all, one] = [reasons.filter((reason) => !reason.any_of), reasons.filter((reason) => reason.any_of)];
  return (
    <>
      {all.map((reason, place) => <p key={place} class="soft">✕ {reason.detail}</p>)}
      {one.length > 0 && <p class="soft">{t('anyOf')}</p>}
      {one.map((reason, place) => <p key={place} class="soft">· {reason.detail}</p>)}
    </>
  );
}
