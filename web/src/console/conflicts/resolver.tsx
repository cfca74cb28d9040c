import { useEffect, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { may } from '../data/calls';
import { engineers } from '../data/day';
import { open } from '../data/route';
import type { Conflict } from '../data/shapes';
import { when } from '../data/time';
import { say } from '../data/toasts';
import { learnNames } from './naming';
import { Subject } from './subject';
import { Third, isHalfWritten, putAside } from './third';
import { fieldName, rowName } from './fields';
import { fieldsOf, names, namesIn, spoken, type Values } from './values';
import { kindName, t } from './words';

type Resolution = 'keep_mine' | 'keep_theirs' | 'take_both' | 'edit';

/** What was not taken over can only be dealt with by hand; facts are not edited. */
const REFUSED = new Set(['rejected', 'revoked', 'left', 'delete']);
/** What a person has to look at, and nobody rewrites. */
const SIGNED = new Set(['content_diverged', 'chain_broken']);
const TOLD = new Set(['sites', 'jobs']); // by what the conflict is about
const byHand = ({ kind }: Conflict) => REFUSED.has(kind) || SIGNED.has(kind);

function choices(conflict: Conflict): Resolution[] {
  const { kind } = conflict;
  if (byHand(conflict)) return ['keep_theirs'];
  return kind === 'late_fact' ? ['keep_mine', 'keep_theirs', 'take_both'] : ['keep_mine', 'keep_theirs', 'take_both', 'edit'];
}
const NAMES = { keep_mine: 'keepPhone', keep_theirs: 'keepHere', take_both: 'both', edit: 'edit' } as const;

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
      {conflict.kind === 'late_fact' && <Notice kind="warn">{t('late')}</Notice>}
      {refused && <Notice kind="warn">{t('refused')}</Notice>}
      <Truths conflict={conflict} />
      {fault && <Notice kind="bad">{fault}</Notice>}
      {may('conflicts.resolve') && (
        <div class="row">
          {choices(conflict).map((one) => (
            <Button key={one} kind={one === 'keep_mine' ? 'primary' : ''} onClick={() => (one === 'edit' ? setEditing(!editing) : void resolve(one))}>
              {t(byHand(conflict) ? 'done' : NAMES[one])}
            </Button>
          ))}
        </div>
      )}
      {editing && <Third conflict={conflict} onSave={(value) => void resolve('edit', value)} />}
    </article>
  );
}

const NOTHING = spoken(null);

function Truths({ conflict }: { conflict: Conflict }) {
  const [mine, theirs] = [fieldsOf(conflict.mine), fieldsOf(conflict.theirs)];
  const rows = namesIn(conflict).map((name) => [name, spoken(mine[name], name), spoken(theirs[name], name)] as const)
    .filter(([, ours, other]) => ours !== NOTHING || other !== NOTHING);
  return (
    <table class="truths">
      <thead><tr><th>{t('field')}</th><th>{t('phone')}</th><th>{t('server')}</th></tr></thead>
      <tbody>
        {rows.map(([name, ours, other]) => (
          <tr key={name} class={ours === other ? '' : 'apart'}>
            <th scope="row">{fieldName(name)}</th><td>{ours}</td><td>{other}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
