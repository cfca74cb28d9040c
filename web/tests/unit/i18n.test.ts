import { afterEach, expect, test } from 'vitest';
import { dictionary, formatDuration, speak } from '@shared/i18n';

afterEach(() => speak('en'));

const t = dictionary(
  { unsent: { one: '{n} change not sent', other: '{n} changes not sent' }, hello: 'Hello {name}' },
  { unsent: '{n} 项更改未发送', hello: '你好，{name}' },
);

test('a text speaks the chosen language, with its parameters', () => {
  expect(t('hello', { name: 'Li' })).toBe('Hello Li');
  speak('zh-CN');
  expect(t('hello', { name: 'Li' })).toBe('你好，Li');
});

test('one and several differ where the language makes a difference', () => {
  expect(t('unsent', { n: 1 })).toBe('1 change not sent');
  expect(t('unsent', { n: 1200 })).toBe('1,200 changes not sent');
  speak('zh-CN');
  expect(t('unsent', { n: 1 })).toBe('1 项更改未发送');
});

test('a parameter that is missing is seen, not swallowed', () => {
  expect(t('hello')).toBe('Hello {name}');
});

test('durations are told in their greatest unit', () => {
  expect(formatDuration(41 * 60)).toBe('41 min');
  expect(formatDuration(3 * 3600 + 10)).toBe('3 hr');
  expect(formatDuration(9)).toBe('9 sec');
});

test('the compiler refuses a dictionary that lacks a translation', () => {
  // @ts-expect-error the Chinese text is missing
  dictionary({ a: 'A', b: 'B' }, { a: '甲' });
  // @ts-expect-error there is no such English text
  dictionary({ a: 'A' }, { a: '甲', c: '丙' });
});
