import { useContext, useId } from 'preact/hooks';
import { Faults } from '@shared/ui';
import { DAYS } from '../data/time';

type Option = readonly [value: string, name: string];
type Field = { label: string; value: string; onValue: (value: string) => void; name?: string };

/** What is wrong with a field of this name, and what ties its words to it for screen readers. */
function useFault(name: string | undefined, hint?: string) {
  const id = useId();
  const fault = useContext(Faults)[name ?? ''];
  const note = fault || hint ? <span id={`${id}-note`} class={fault ? 'error' : 'soft'}>{fault ?? hint}</span> : null;
  return { note, input: { id, name, 'aria-invalid': fault ? true : undefined, 'aria-describedby': note ? `${id}-note` : undefined } };
}

/** A labelled choice of one. With `hidden` the label is for screen readers only. */
export function Choice({ label, value, onValue, options, hidden, name }: Field & { options: readonly Option[]; hidden?: boolean }) {
  const { note, input } = useFault(name);
  return (
    <div class="field">
      <label for={input.id} class={hidden ? 'hidden-text' : undefined}>
        {label}
      </label>
      <select {...input} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
      {note}
    </div>
  );
}

const LIMITS: Record<string, object> = { date: DAYS, 'datetime-local': { min: `${DAYS.min}T00:00`, max: `${DAYS.max}T23:59` } };

/** A labelled input of the kinds that the shared text field has not: dates, times, numbers. */
export function Input({ label, value, onValue, name, hint, type = 'text' }: Field & { type?: string; hint?: string }) {
  const { note, input } = useFault(name, hint);
  return (
    <div class="field">
      <label for={input.id}>{label}</label>
      <input {...input} {...LIMITS[type]} type={type as 'text'} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
      {note}
    </div>
  );
}

/** A labelled text of several lines. */
export function Area({ label, value, onValue, name }: Field) {
  const { note, input } = useFault(name);
  return (
    <div class="field">
      <label for={input.id}>{label}</label>
      <textarea {...input} rows={4} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
      {note}
    </div>
  );
}
