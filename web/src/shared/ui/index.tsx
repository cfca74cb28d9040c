import { type ComponentChildren, type JSX, createContext } from 'preact';
import { useContext, useEffect, useId, useRef } from 'preact/hooks';

type ButtonProps = JSX.IntrinsicElements['button'] & { kind?: 'primary' | 'danger' | 'quiet' | ''; busy?: boolean };

const ignore = (event: Event): void => (event.preventDefault(), event.stopPropagation());

/** A button; while `busy` it says so and takes no press, and keeps the focus: a disabled one would lose it. */
export function Button({ kind = '', busy = false, class: more = '', children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} class={`button ${kind} ${more}`} aria-busy={busy} {...(busy && { 'aria-disabled': true, onClick: ignore })}>
      {children}
    </button>
  );
}

/** What is wrong with the fields of a form, by their names; each field shows its own. */
export const Faults = createContext<Readonly<Record<string, string>>>({});

type TextFieldProps = {
  label: string;
  name: string;
  value: string;
  onValue: (value: string) => void;
  error?: string | undefined;
  hint?: string;
  type?: 'text' | 'email' | 'password' | 'tel' | 'search' | 'url';
  autocomplete?: string;
  inputmode?: 'numeric' | 'decimal' | 'tel' | 'text';
  autofocus?: boolean;
  required?: boolean;
  maxlength?: number;
};

/** A labelled line of text with its hint and its error, both tied to it for screen readers. */
export function TextField({ label, error: given, hint, onValue, type = 'text', autofocus, ...input }: TextFieldProps) {
  const id = useId();
  const known = useContext(Faults)[input.name];
  const error = given ?? known;
  const element = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autofocus || error) element.current?.focus();
  }, [autofocus, error]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        ref={element}
        id={id}
        type={type as 'text'}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {(error || hint) && (
        <span id={`${id}-note`} class={error ? 'error' : 'soft'}>
          {error ?? hint}
        </span>
      )}
    </div>
  );
}

/** A message that is read out when it appears. */
export function Notice({ kind = '', children }: { kind?: 'bad' | 'warn' | 'good' | ''; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
