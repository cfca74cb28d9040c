import { type Locale, dictionary, locale, speak } from '../i18n';
import { type Theme, THEMES, paint, theme } from '../theme';

const t = dictionary(
  { language: 'Language', theme: 'Appearance', system: 'Automatic', light: 'Light', dark: 'Dark' },
  { language: '语言', theme: '外观', system: '自动', light: '浅色', dark: '深色' },
);
const NAMES: Record<Locale, string> = { en: 'English', 'zh-CN': '简体中文' };

/** Chooses the language of the page. */
export function LanguageSwitch() {
  return (
    <select
      class="button quiet"
      aria-label={t('language')}
      value={locale.value}
      onChange={(event) => speak(event.currentTarget.value as Locale)}
    >
      {Object.entries(NAMES).map(([value, name]) => (
        <option key={value} value={value} lang={value}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Chooses light, dark, or what the system says. */
export function ThemeSwitch() {
  return (
    <select
      class="button quiet"
      aria-label={t('theme')}
      value={theme.value}
      onChange={(event) => paint(event.currentTarget.value as Theme)}
    >
      {THEMES.map((value) => (
        <option key={value} value={value}>
          {t(value)}
        </option>
      ))}
    </select>
  );
}
