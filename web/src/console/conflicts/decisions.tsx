import { useEffect, useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { userName } from '../data/people';
import type { Conflict } from '../data/shapes';
import { when } from '../data/time';
import { sidesOf, spoken } from './values';
import { t } from './words';

export type Resolution = 'keep_mine' | 'keep_theirs' | 'take_both' | 'edit';

/** What was not taken over can only be dealt with by hand; facts are not edited, and stay in the timeline whatever is decided. */
export const REFUSED = new Set(['rejected', 'revoked', 'left', 'delete']);
/** What a person has to look at, and nobody rewrites. */
const SIGNED = new Set(['content_diverged', 'chain_broken']);
const byHand = ({ kind }: Conflict) => REFUSED.has(kind) || SIGNED.has(kind);
const NAMES = { keep_mine: 'keepPhone', keep_theirs: 'keepHere', take_both: 'both', edit: 'edit' } as const;
const NEXT = { keep_mine: 'mineNext', keep_theirs: 'theirsNext', take_both: 'bothNext', edit: 'editNext' } as const;
const WAS = { keep_mine: 'mineWas', keep_theirs: 'theirsWas', take_both: 'bothWas', edit: 'editWas' } as const;

function choices(conflict: Conflict): Resolution[] {
  if (byHand(conflict)) return ['keep_theirs'];
  return conflict.kind === 'late_fact' ? ['keep_mine', 'keep_theirs'] : ['keep_mine', 'keep_theirs', 'take_both', 'edit'];
}

/** What happens after a decision. */
function next(conflict: Conflict, one: Resolution): string {
  if (byHand(conflict)) return t('doneNext');
  if (conflict.kind !== 'late_fact') return t(NEXT[one]);
  const [mine, theirs] = sidesOf(conflict);
  const side = one === 'keep_mine' ? mine : theirs;
  return t(one === 'keep_mine' ? 'mineLate' : 'theirsLate', { name: spoken(mine.engineer_id), state: spoken(side.status, 'status'), holder: spoken(theirs.engineer_id) });
}

/** What can be decided, each with what happens then. */
export function Decisions({ conflict, onDecide }: { conflict: Conflict; onDecide: (resolution: Resolution) => void }) {
  return (
    <ul class="stack tight decisions">
      {choices(conflict).map((one) => (
        <li key={one}>
          <Button kind={one === 'keep_mine' ? 'primary' : ''} onClick={() => onDecide(one)}>{t(byHand(conflict) ? 'done' : NAMES[one])}</Button>
          <span class="soft">{next(conflict, one)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Who decided what, and when. */
export function Decided({ conflict }: { conflict: Conflict }) {
  const [who, setWho] = useState<string | null>(null);
  useEffect(() => void userName(conflict.resolved_by).then(setWho), [conflict.resolved_by]);
  const what = t(byHand(conflict) ? 'doneWas' : WAS[conflict.resolution as Resolution]);
  return <p><strong>{t('decided', { who: who ?? t('somebody'), time: when(conflict.resolved_at!), what })}</strong></p>;
}
