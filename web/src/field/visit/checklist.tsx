import { useState } from 'preact/hooks';
import { locale } from '@shared/i18n';
import { Button } from '@shared/ui';
import { answer } from '../acting';
import { world } from '../data/client';
import type { ChecklistItem, Visit } from '../data/rows';
import { labelIn } from '../report';
import { answerTo, itemsOf, nextStep } from '../steps';
import { t as shared } from '../words';
import { TakePhoto } from './photos';
import { t } from './words';

const BEFORE = { on_site: 'before_on_site', working: 'before_working', completed: 'before_completed' } as const;

/** The checklist, what the next step asks for first. Every answer is kept at once. */
export function Checklist({ visit }: { visit: Visit }) {
  const items = itemsOf(world.value, visit);
  const asked = [...new Set(items.map((item) => item.at_status))] as (keyof typeof BEFORE)[];
  const soon = nextStep(visit)?.to;
  const order = asked.sort((a, b) => Number(b === soon) - Number(a === soon));
  if (!items.length) return null;
  return (
    <section class="card stack">
      <h2>{t('checklist')}</h2>
      {order.map((status) => (
        <fieldset key={status} class="stack">
          <legend>{t(BEFORE[status] ?? 'checklist')}</legend>
          {items.filter((item) => item.at_status === status).map((item) => (
            <Item key={item.id} item={item} />
          ))}
        </fieldset>
      ))}
    </section>
  );
}

function Item({ item }: { item: ChecklistItem }) {
  const label = labelIn(item.label, locale.value);
  const given = answerTo(world.value, item)?.value;
  const Field = FIELDS[item.kind];
  return (
    <div class={`item ${given === undefined ? '' : 'answered'}`} id={`item-${item.id}`}>
      <span class="label" id={`label-${item.id}`}>
        {label} {item.required && given === undefined && <span class="soft">({t('required')})</span>}
      </span>
      <Field item={item} label={label} given={given} />
    </div>
  );
}

type FieldProps = { item: ChecklistItem; label: string; given: unknown };

function YesNo({ item, given }: FieldProps) {
  return (
    <div class="halves" role="group" aria-labelledby={`label-${item.id}`}>
      {[true, false].map((value) => (
        <Button key={String(value)} aria-pressed={given === value} onClick={() => answer(item, value)}>
          {shared(value ? 'yes' : 'no')}
        </Button>
      ))}
    </div>
  );
}

function Choice({ item, given }: FieldProps) {
  return (
    <div class="choices" role="group" aria-labelledby={`label-${item.id}`}>
      {item.options.map((option) => (
        <Button key={option} aria-pressed={given === option} onClick={() => answer(item, option)}>
          {option}
        </Button>
      ))}
    </div>
  );
}

/** Words and numbers are kept when the field is left, as they stand then. */
function Written({ item, label, given }: FieldProps) {
  const number = item.kind === 'number';
  const [wrong, setWrong] = useState(false);

  async function keep(written: string) {
    const words = written.trim();
    const value = number ? Number(words.replace(',', '.')) : words;
    setWrong(number && Number.isNaN(value));
    if (words && value !== given && !Number.isNaN(value)) await answer(item, value);
  }

  return (
    <input
      aria-label={label}
      aria-invalid={wrong || undefined}
      inputMode={number ? 'decimal' : 'text'}
      defaultValue={given === undefined ? '' : String(given)}
      onChange={(event) => keep(event.currentTarget.value)}
    />
  );
}

function Photo({ item }: FieldProps) {
  return <TakePhoto visitId={item.visit_id} item={item} />;
}

const FIELDS = { bool: YesNo, choice: Choice, number: Written, text: Written, photo: Photo };
