import { useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { draftOf, keep, useDraft } from '../data/drafts';
import type { Conflict } from '../data/shapes';
import { isPoint } from '../data/shapes';
import { pointOf } from '../parts/point';
import { Area, Choice } from '../parts/select';
import { fieldName } from './fields';
import { spoken, type Values } from './values';
import { t } from './words';

/** What can be written anew: words, numbers, ticks and places. Names of people and lists are chosen as they are. */
const writable = (name: string, value: unknown) => !name.endsWith('_id') && (typeof value !== 'object' || value === null || isPoint(value));

/** A value as it is written into a field; `typed` reads it back. */
export const written = (value: unknown): string =>
  value === null || value === undefined ? '' : isPoint(value) ? spoken(value) : String(value);

/** What was written, as the kind of value that the phone sent: a tick stays a tick, a number a number. Nothing is nothing. */
export function typed(text: string, like: unknown): unknown {
  if (!text.trim() && typeof like !== 'string') return null;
  if (typeof like === 'number') return Number(text);
  if (typeof like === 'boolean') return text === 'true';
  return isPoint(like) ? pointOf(text) : text;
}

const keyOf = ({ id }: Conflict) => `third.${id}`;
/** Whether somebody was called away while writing a third truth. */
export const isHalfWritten = (conflict: Conflict): boolean => draftOf(keyOf(conflict)) !== null;

export const putAside = (conflict: Conflict): void => keep(keyOf(conflict), null);

/** A third truth, begun from ours. */
export function Third({ conflict, onSave }: { conflict: Conflict; onSave: (value: Values) => void }) {
  const [mine, theirs] = [conflict.mine ?? {}, conflict.theirs ?? {}] as [Values, Values];
  const names = Object.keys(mine).filter((name) => writable(name, mine[name]));
  const [begun] = useState<Record<string, string>>(() => Object.fromEntries(names.map((name) => [name, written(theirs[name] ?? mine[name])])));
  const [draft, setDraft] = useDraft(keyOf(conflict), begun);
  const save = (event: Event) => {
    event.preventDefault();
    onSave(Object.fromEntries(names.map((name) => [name, typed(draft[name]!, mine[name])])));
  };
  return (
    <form class="stack tight" onSubmit={save}>
      {names.map((name) => {
        const given = { label: fieldName(name), value: draft[name]!, onValue: (text: string) => setDraft((before) => ({ ...before, [name]: text })) };
        const tick = typeof mine[name] === 'boolean';
        return tick ? <Choice key={name} {...given} options={[['true', t('yes')], ['false', t('no')]]} /> : <Area key={name} {...given} />;
      })}
      <Button kind="primary" type="submit">{t('save')}</Button>
    </form>
  );
}
