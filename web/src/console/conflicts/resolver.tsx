import { useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { may } from '../data/calls';
import { engineers } from '../data/day';
import { open } from '../data/route';
import type { Conflict } from '../data/shapes';
import { when } from '../data/time';
import { say } from '../data/toasts';
import { Area } from '../parts/select';
import { kindName, t } from './words';

type Values = Record<string, unknown>;
type Resolution = 'keep_mine' | 'keep_theirs' | 'take_both' | 'edit';

const shown = (value: unknown): string =>
  value === null || value === undefined ? '—' : typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value);

/** What was typed, as the kind of value that the phone sent: a tick stays a tick, a number a number. */
export function typed(text: string, like: unknown): unknown {
  if (typeof like === 'number') return Number(text);
  if (typeof like === 'boolean') return text.trim() === 'true';
  return typeof like === 'object' && like !== null ? JSON.parse(text) : text;
}

/** What may be chosen: what was refused can only be dealt with, facts are not edited. */
function choices(conflict: Conflict): Resolution[] {
  if (conflict.kind === 'rejected' || conflict.kind === 'quarantined') return ['keep_theirs'];
  return conflict.kind === 'late_fact' ? ['keep_mine', 'keep_theirs', 'take_both'] : ['keep_mine', 'keep_theirs', 'take_both', 'edit'];
}
const NAMES = { keep_mine: 'keepPhone', keep_theirs: 'keepHere', take_both: 'both', edit: 'edit' } as const;

/** Both truths, who and when; one decision. Both stay readable afterwards. */
export function Resolver({ conflict, onDone }: { conflict: Conflict; onDone: () => void }) {
  const [mine, theirs, base] = [conflict.mine, conflict.theirs, conflict.base].map((side) => (side ?? {}) as Values) as [Values, Values, Values];
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const [editing, setEditing] = useState(false);
  const [draft, setDraft] = useState<Record<string, string>>(Object.fromEntries(Object.keys(mine).map((name) => [name, shown(theirs[name] ?? mine[name])])));
  const [fault, setFault] = useState<string | null>(null);
  const resolve = async (resolution: Resolution) => {
    try {
      const value = resolution === 'edit' ? Object.fromEntries(Object.entries(draft).map(([name, text]) => [name, typed(text, mine[name])])) : null;
      await result(api.POST('/api/v1/conflicts/{conflict_id}/resolve', { params: { path: { conflict_id: conflict.id } }, body: { resolution, value } }));
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
      <p class="soft">{conflict.collection.replaceAll('_', ' ')} · {t('who', { name: who, time: when(conflict.created_at) })}</p>
      {conflict.kind === 'late_fact' && <Notice kind="warn">{t('late')}</Notice>}
      <table class="truths">
        <thead><tr><th>{t('field')}</th><th>{t('phone')}</th><th>{t('server')}</th><th>{t('before')}</th></tr></thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} class={shown(mine[name]) === shown(theirs[name]) ? '' : 'apart'}>
              <th scope="row">{name.replaceAll('_', ' ')}</th><td>{shown(mine[name])}</td><td>{shown(theirs[name])}</td><td class="soft">{shown(base[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {fault && <Notice kind="bad">{fault}</Notice>}
      {may('conflicts.resolve') && (
        <div class="row">
          {choices(conflict).map((one) => (
            <Button key={one} kind={one === 'keep_mine' ? 'primary' : ''} onClick={() => (one === 'edit' ? setEditing(!editing) : void resolve(one))}>{t(NAMES[one])}</Button>
          ))}
        </div>
      )}
      {editing && (
        <form class="stack tight" onSubmit={(event) => (event.preventDefault(), void resolve('edit'))}>
          {Object.keys(mine).map((name) => (
            <Area key={name} label={name.replaceAll('_', ' ')} value={draft[name] ?? ''} onValue={(text) => setDraft({ ...draft, [name]: text })} />
          ))}
          <Button kind="primary" type="submit">{t('save')}</Button>
        </form>
      )}
    </article>
  );
}
