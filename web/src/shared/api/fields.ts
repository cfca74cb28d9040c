import { dictionary } from '../i18n';

const t = dictionary(
  {
    needed: 'This is needed.', length: 'This may not be empty, nor longer than {n} characters.', longest: 'This may have {n} characters at most.',
    range: 'This must be between {least} and {most}.', email: 'This is no e-mail address.', choice: 'Choose one of those that are offered.', invalid: 'This is not understood.',
  },
  {
    needed: '此项必填。', length: '此项不能为空，且不超过 {n} 个字符。', longest: '此项最多 {n} 个字符。',
    range: '此项须在 {least} 与 {most} 之间。', email: '电子邮箱无效。', choice: '请从所列选项中选择。', invalid: '无法识别此内容。',
  },
);

/** What the server's checks of a field say; other sentences of it come in the language of the page. */
const CHECKS: [RegExp, (found: string[]) => string][] = [
  [/^(Missing data for required field|Field may not be null|Shorter than minimum length)/, () => t('needed')],
  [/^(?:Length must be between 0 and|Longer than maximum length) (\d+)/, ([n]) => t('longest', { n: Number(n) })],
  [/^Length must be between \d+ and (\d+)/, ([n]) => t('length', { n: Number(n) })],
  [/^Must be greater than or equal to (\S+) and less than or equal to (\S+)\.$/, ([least, most]) => t('range', { least: least!, most: most! })],
  [/^Not a valid email/, () => t('email')],
  [/^Must be one of/, () => t('choice')],
  [/^Not a valid|^Invalid/, () => t('invalid')],
];

/** What is wrong with one field, as a sentence for whoever filled it in. */
export function fieldWords(detail: string): string {
  for (const [check, words] of CHECKS) {
    const found = check.exec(detail);
    if (found) return words(found.slice(1));
  }
  return detail;
}
