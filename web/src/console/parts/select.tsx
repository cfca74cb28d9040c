import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

type Option = readonly [value: string, name: string];
type Props = { label: string; value: string; onValue: (value: string) => void; options: readonly Option[]; hidden?: boolean };

/** A labelled choice of one. With `hidden` the label is for screen readers only. */
export function Choice({ label, value, onValue, options, hidden }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={hidden ? 'hidden-text' : undefined}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

type InputProps = { label: string; value: string; onValue: (value: string) => void; type?: string; hint?: string; required?: boolean; list?: ComponentChildren };

/** A labelled input of the kinds that the shared text field has not: dates, times, numbers. */
export function Input({ label, value, onValue, type = 'text', hint, required }: InputProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} type={type as 'text'} value={value} required={required} aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => onValue(event.currentTarget.value)} />
      {hint && <span id={`${id}-hint`} class="soft">{hint}</span>}
    </div>
  );
}

/** A labelled text of several lines. */
export function Area({ label, value, onValue }: InputProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} rows={4} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
    </div>
  );
}
