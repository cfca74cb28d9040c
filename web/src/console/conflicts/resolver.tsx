import { useEffect, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { may } from '../data/calls';
import { engineers } from '../data/day';
import { open } from '../data/route';
import type { Conflict } from '../data/shapes';
import { when } from '../data/time';
import { say } from '../data/toasts';
import { author } from '../data/overtaken';
import { Decided, Decisions, REFUSED, type Resolution } from './decisions';
import { learnNames } from './naming';
import { Subject } from './subject';
import { Third, isHalfWritten, putAside } from './third';
import { fieldName, rowName } from './fields';
import { NOTHING, names, namesIn, sidesOf, spoken, type Values } from './values';
import { kindName, t } from './words';

const TOLD = new Set(['sites', 'jobs']); // by what the conflict is about

/** Both truths, who and when; one decision. Both stay readable afterwards. */
export function Resolver({ conflict, onDone }: { conflict: Conflict; onDone: () => void }) {
  const [editing, setEditing] = useState(isHalfWritten(conflict));
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => void learnNames(conflict), [conflict.id, conflict.rev]);
  const refused = REFUSED.has(conflict.kind);
  const resolve = async (resolution: Resolution, value: Values | null = null) => {
    try {
      await result(api.POST('/api/v1/conflicts/{conflict_id}/resolve', { params: { path: { conflict_id: conflict.id } }, body: { resolution, value } }));
      putAside(conflict);
      say('good', t('resolved'));
      onDone();
    } catch (error) {
      setFault(inWords(error));
    }
  };
  const who = (conflict.engineer_id && engineers.value.get(conflict.engineer_id)?.name) ?? '';
  return (
    <article class="card stack tight">
      <div class="line">
        <h2 class="grow">{kindName(conflict.kind)}</h2>
        {conflict.visit_id && <Button onClick={() => open(conflict.visit_id!, 'job')}>{t('openVisit')}</Button>}
      </div>
      <strong><Subject conflict={conflict} /></strong>
      <p class="soft">{rowName(conflict.collection)}{!TOLD.has(conflict.collection) && names.value.has(conflict.row_id) && `: ${spoken(conflict.row_id)}`} · {t('who', { name: who, time: when(conflict.created_at) })}</p>
      {refused && conflict.status === 'open' && <Notice kind="warn">{t('refused')}</Notice>}
      <Truths conflict={conflict} />
      {fault && <Notice kind="bad">{fault}</Notice>}
      {conflict.status === 'resolved' && <Decided conflict={conflict} />}
      {conflict.status === 'open' && may('conflicts.resolve') && <Decisions conflict={conflict} onDecide={(one) => (one === 'edit' ? setEditing(!editing) : void resolve(one))} />}
      {editing && conflict.status === 'open' && <Third conflict={conflict} onSave={(value) => void resolve('edit', value)} />}
    </article>
  );
}

function Truths({ conflict }: { conflict: Conflict }) {
  const [mine, theirs] = sidesOf(conflict);
  const rows = namesIn(conflict).map((name) => [name, spoken(mine[name], name), spoken(theirs[name], name)] as const)
    .filter(([, ours, other]) => ours !== NOTHING || other !== NOTHING);
  return (
    <table class="truths">
      <thead><tr><th>{t('field')}</th><th>{t('phone')}</th><th>{t('server')} <Author conflict={conflict} /></th></tr></thead>
      <tbody>
        {rows.map(([name, ours, other]) => (
          <tr key={name} class={ours === other ? '' : 'apart'}>
            <th scope="row">{fieldName(name)}</th><td class="lines">{ours}</td><td class="lines">{other}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who made the visit what it was here, and when; of other rows nobody at the desk may read that. */
function Author({ conflict: { collection, row_id, created_at } }: { conflict: Conflict }) {
  const [known, setKnown] = useState<{ who: string | null; at: string } | null>(null);
  useEffect(() => {
    if (collection === 'visits') void author({ id: row_id, updated_at: created_at }, created_at).then(setKnown);
  }, [row_id]);
  return known?.who ? <span class="soft">{t('who', { name: known.who, time: when(known.at) })}</span> : null;
}
