import { useEffect, useState } from 'preact/hooks';
import { ProblemError, api, result } from '@shared/api';
import { Notice } from '@shared/ui';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import type { Candidate, Visit } from '../data/shapes';
import { Empty, Fault } from '../parts/bits';
import { CandidateRow } from './candidate';
import { Manual } from './manual';
import { possible } from './possible';
import { PromiseForm } from './promise';
import { Proposed } from './proposed';
import { type Count, type Refusal, Rejected } from './rejected';
import { t } from './words';

type Answer = { candidates: Candidate[]; rejected: Refusal[]; summary?: Count[] };
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
      <PromiseForm key={`promise ${visit.rev}`} visit={visit} open={!answer.candidates.length} best={possible(visit, answer.rejected)} />
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
