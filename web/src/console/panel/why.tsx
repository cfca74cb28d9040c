import { useEffect, useState } from 'preact/hooks';
import { ProblemError, api, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { may } from '../data/calls';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import type { Candidate, Reason, Visit } from '../data/shapes';
import { sinceNow } from '../data/time';
import { Empty, Fault } from '../parts/bits';
import { PersonName } from '../parts/person';
import { CandidateRow } from './candidate';
import { ForceForm, Manual } from './manual';
import { PromiseForm } from './promise';
import { Proposed } from './proposed';
import { t } from './words';

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
  return (
    <div class="stack tight">
      {answer.candidates.length ? <h3>{t('best')}</h3> : <><Empty title={t('none')}>{t('noneMore')}</Empty><Proposed visit={visit} /></>}
      <ol class="candidates">
        {answer.candidates.map((one) => (
          <CandidateRow key={one.engineer_id} visit={visit} one={one} all={answer.candidates} />
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
                <strong class="grow"><PersonName id={one.engineer_id} /></strong>
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
