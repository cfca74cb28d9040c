import { useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { open } from '../data/route';
import type { Reason, Visit } from '../data/shapes';
import { sinceNow } from '../data/time';
import { PersonName } from '../parts/person';
import { ForceForm } from './manual';
import { t } from './words';

export type Count = { rule: string; count: number; detail: string };
export type Refusal = { engineer_id: string; reasons: Reason[] };

/** Whoever lacks least comes first: a rule that gives way (`any_of`) counts as one, however many ways there are. */
const nearestFirst = (rejected: Refusal[]) => [...rejected].sort((a, b) => lacks(a) - lacks(b));
const lacks = ({ reasons }: Refusal) =>
  reasons.filter((one) => !one.any_of).length + Number(reasons.some((one) => one.any_of));

/** Who cannot go, and what stands in the way of each. */
export function Rejected({ visit, rejected, summary }: { visit: Visit; rejected: Refusal[]; summary: Count[] }) {
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
      {all.map((reason, place) => <p key={place} class="soft">✕ <Linked reason={reason} /></p>)}
      {one.length > 0 && <p class="soft">{t('anyOf')}</p>}
      {one.map((reason, place) => <p key={place} class="soft">· <Linked reason={reason} /></p>)}
    </>
  );
}

const NUMBER = /([A-Z]+-\d{4}-\d+)/;

/** The sentence of a reason; the visits that it names by their job's number can be opened. */
function Linked({ reason: { detail, numbers } }: { reason: Reason }) {
  const named = ((numbers as { visits?: string[] } | null)?.visits ?? []).map((id) => id.split('@')[0]!);
  const [before, number, after] = detail.split(NUMBER);
  if (named.length !== 1 || !number) return <>{detail}</>;
  return <>{before}<button type="button" class="in-text" onClick={() => open(named[0]!)}>{number}</button>{after}</>;
}
