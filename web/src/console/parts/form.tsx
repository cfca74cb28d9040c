import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { faultsOf, inWords } from '@shared/api';
import { Faults, Notice } from '@shared/ui';
import { fieldName } from '../conflicts/fields';

/** What is wrong with fields of a form, by the names that they have there. */
export class Wrong extends Error {
  constructor(readonly fields: Readonly<Record<string, string>>) {
    super(Object.values(fields).join(' '));
  }
}

/** A call whose refusal is told at the fields of a form, which calls some of them otherwise than the server: `{ name: 'caller' }`. */
export async function at<Data>(names: Readonly<Record<string, string>>, call: Promise<Data>): Promise<Data> {
  return call.catch((error: unknown) => {
    const found = Object.entries(faultsOf(error));
    throw found.length ? new Wrong(Object.fromEntries(found.map(([name, words]) => [names[name] ?? name, words]))) : error;
  });
}

type Props = { fault: unknown; onSubmit: (event: Event) => void; children: ComponentChildren; class?: string; label?: string };

/**
 * A form that says what is wrong at the field that it is about, found by its name, and brings the first one into sight.
 * What belongs to no field here stands on top, as a sentence.
 */
export function Form({ fault, onSubmit, children, class: more = 'stack tight', label }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const fields = useMemo(() => (fault instanceof Wrong ? fault.fields : faultsOf(fault)), [fault]);
  const [apart, setApart] = useState('');
  useLayoutEffect(() => {
    const without = Object.entries(fields).filter(([name]) => !form.current!.elements.namedItem(name));
    setApart(Object.keys(fields).length ? without.map(([name, words]) => [name && fieldName(name), words].filter(Boolean).join(': ')).join('\n') : fault ? inWords(fault) : '');
  }, [fault]);
  useEffect(() => {
    if (!fault) return;
    const first = form.current!.querySelector<HTMLElement>('[aria-invalid]:not(fieldset), [aria-invalid] input') ?? form.current!.querySelector<HTMLElement>('.notice.bad');
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: 'center' });
  }, [fault, apart]);
  return (
    <form class={more} ref={form} aria-label={label} onSubmit={onSubmit} noValidate>
      {apart && <Notice kind="bad"><span class="lines">{apart}</span></Notice>}
      <Faults.Provider value={fields}>{children}</Faults.Provider>
    </form>
  );
}
