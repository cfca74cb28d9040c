import { effect, signal } from '@preact/signals';
import { remembered } from '../remembered';

export const LOCALES = ['en', 'zh-CN'] as const;
export type Locale = (typeof LOCALES)[number];

/** A text, or its forms for one and for several, chosen by the parameter `n`. `{name}` stands for a parameter. */
type Text = string | { one: string; other: string };
export type Parameters = Record<string, string | number>;

const preferred = (): Locale => (globalThis.navigator?.language?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');

/** The language of this browser's user; components that call a dictionary or a format are drawn again on a change. */
export const locale = signal<Locale>(remembered.choice('locale', LOCALES) ?? preferred());

effect(() => {
  if (typeof document !== 'undefined') document.documentElement.lang = locale.value;
});

/** Speak `chosen` from now on, also after a reload. */
export function speak(chosen: Locale): void {
  locale.value = chosen;
  remembered.write('locale', chosen);
}

/**
 * A dictionary of one part of the pages: `const t = dictionary({ … }, { … }); t('greeting', { name })`.
 * The compiler refuses a translation that lacks a key of the English one, or has one too many.
 */
export function dictionary<const English extends Record<string, Text>>(
  en: English,
  zh: NoInfer<{ [Key in keyof English]: Text }>,
) {
  const byLocale: Record<Locale, Record<keyof English, Text>> = { en, 'zh-CN': zh };
  return (key: keyof English & string, parameters: Parameters = {}): string =>
    filled(byLocale[locale.value][key], parameters);
}

function filled(text: Text, parameters: Parameters): string {
  const form = typeof text === 'string' ? text : text[parameters.n === 1 ? 'one' : 'other'];
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(value) : value;
  });
}

/** A format costs a hundred times what its use does, and a full screen asks for thousands: each is made once. */
function kept<Format>(make: (language: string, options?: object) => Format): (language: string, options?: object) => Format {
  const made = new Map<string, Format>();
  return (language, options) => {
    const key = language + JSON.stringify(options);
    const found = made.get(key) ?? make(language, options);
    made.set(key, found);
    return found;
  };
}

const numberFormat = kept((language, options) => new Intl.NumberFormat(language, options));
/** The format of moments in a language, made once. */
export const timeFormat = kept((language, options) => new Intl.DateTimeFormat(language, options));

/** A number as the user writes numbers. */
export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return numberFormat(locale.value, options).format(value);
}

/** The time zone of an app whose hours are not the browser's: set once somebody is signed in. */
export const zone = signal<string | undefined>(undefined);

/** A moment (ISO text or epoch ms) in the time zone `timeZone`, else the app's, else the browser's. */
export function formatTime(moment: string | number, options: Intl.DateTimeFormatOptions = CLOCK): string {
  return timeFormat(locale.value, { timeZone: zone.value, ...options }).format(new Date(moment));
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hour12: false };
const UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60]] as const;

/** A duration in its greatest unit: `41 min`, `3 hr`, `2 days`; below a minute, seconds. */
export function formatDuration(seconds: number): string {
  const [unit, size] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? (['second', 1] as const);
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 } as const;
  return formatNumber(Math.trunc(seconds / size), options);
}
