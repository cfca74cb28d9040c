import { signal } from '@preact/signals';
import { type Locale, formatNumber, locale } from '@shared/i18n';
import { engineers, jobTypes, territories } from '../data/day';
import { type Conflict, isPoint } from '../data/shapes';
import { when } from '../data/time';
import { priorityName, statusName } from '../words';
import { fieldName, rowName } from './fields';
import { doingName, methodName, t } from './words';

export type Values = Record<string, unknown>;
type Fact = Values & { collection: string; to?: string; corrected_at?: string };

/** What is known by its id: a name, or a label in several languages. */
export const names = signal<ReadonlyMap<string, unknown>>(new Map());

const HIDDEN = new Set(['answer_id', 'row_id', 'rev']); // say nothing to a person
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

const asValues = (side: unknown): Values => (typeof side === 'object' && side ? (side as Values) : {});

/** What a side says, field by field: a refused change is opened, and what says nothing to a person is left out. */
export function fieldsOf(side: unknown): Values {
  const { data, type, problem, ...rest } = asValues(side);
  const flat = { ...rest, ...asValues(data), ...(type ? { type } : {}), ...(problem ? { problem } : {}) };
  return Object.fromEntries(Object.entries(flat).filter(([name]) => !HIDDEN.has(name)));
}

/** Both sides, field by field. Work done under an old plan says what would be: whose the visit is then, and in which state. */
export function sidesOf({ kind, mine, theirs, engineer_id }: Conflict): [mine: Values, theirs: Values] {
  const [ours, others] = [fieldsOf(mine), fieldsOf(theirs)];
  if (kind !== 'late_fact') return [ours, others];
  const step = ((ours.facts ?? []) as Fact[]).findLast((one) => one.to);
  return [{ status: step?.to ?? others.status, engineer_id, ...ours }, others];
}

/** The names of all fields that either side has. */
export function namesIn(conflict: Conflict): string[] {
  return [...new Set(sidesOf(conflict).flatMap(Object.keys))];
}

/** What stands for a value that there is none of. */
export const NOTHING = '—';

/** A value in words, as a person would say it. */
export function spoken(value: unknown, name = ''): string {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'number') return name === 'priority' ? priorityName(value) : formatNumber(value, { maximumFractionDigits: 6 });
  if (Array.isArray(value)) return value.map((one) => (name === 'facts' ? factOf(one as Fact) : spoken(one))).join('\n');
  return typeof value === 'object' ? structure(value as Values) : sentence(String(value), name);
}

function sentence(text: string, name: string): string {
  if (name === 'status' || name === 'to') return statusName(text);
  if (name === 'type' && text in TYPES) return t(TYPES[text as keyof typeof TYPES]);
  if (name === 'kind') return doingName(text);
  if (name === 'dispatch_method') return methodName(text);
  if (names.value.has(text)) return spoken(names.value.get(text));
  if (UUID.test(text)) return [engineers, territories, jobTypes].map((known) => known.value.get(text)?.name).find(Boolean) ?? t('other', { id: text.slice(-6) });
  return MOMENT.test(text) ? when(text) : text;
}
const TYPES = { create: 'create', update: 'update', delete: 'delete_', transition: 'transition' } as const;

function structure(value: Values): string {
  if (isPoint(value)) return [...value.coordinates].reverse().map((one) => one.toFixed(5)).join(', ');
  if ('en' in value || 'zh' in value) return String(value[KEY[locale.value]] ?? value.en ?? value.zh);
  if (value.detail || value.title) return String(value.detail ?? value.title); // a problem of the server
  return named(value);
}
const KEY: Record<Locale, 'en' | 'zh'> = { en: 'en', 'zh-CN': 'zh' };

const named = (value: Values): string =>
  Object.entries(value).filter(([name, one]) => !HIDDEN.has(name) && spoken(one) !== NOTHING).map(([name, one]) => `${fieldName(name)}: ${spoken(one, name)}`).join(' · ');

/** One deed of somebody who did not know that the plan had changed. */
function factOf({ collection, to, corrected_at, ...rest }: Fact): string {
  const told = to ? [statusName(to), spoken(rest.reason)] : [rowName(collection), named(rest)];
  return [corrected_at && when(corrected_at), ...told.filter((one) => one && one !== NOTHING)].filter(Boolean).join(' · ');
}
