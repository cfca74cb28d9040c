import { afterEach, describe, expect, test, vi } from 'vitest';
import { speak } from '@shared/i18n';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { ProblemError, faultsOf, inWords } = await import('@shared/api');
const { Wrong, at } = await import('../../src/console/parts/form');
const { dayIn } = await import('../../src/console/data/time');
const { isOver } = await import('../../src/console/parts/hours');
const { empty, wrongIn } = await import('../../src/console/parts/new-job-draft');

const refused = (...errors: { pointer: string; detail: string }[]) =>
  new ProblemError(422, { type: '/problems/invalid', detail: `${errors[0]!.pointer}: ${errors[0]!.detail}`, errors } as never);
const TOO_LONG = { pointer: '/name', detail: 'Length must be between 1 and 300.' };
afterEach(() => speak('en'));

describe('what is wrong stands at its field, in words', () => {
  test('a check of the server is a sentence without the pointer, in both languages', () => {
    expect(inWords(refused(TOO_LONG))).toBe('This may not be empty, nor longer than 300 characters.');
    speak('zh-CN');
    expect(inWords(refused(TOO_LONG))).toBe('此项不能为空，且不超过 300 个字符。');
  });

  test('each fault is found by the name of its field, however deep it lies', () => {
    const deep = { pointer: '/visits/0/window_end', detail: 'It ends before it begins.' };
    expect(Object.keys(faultsOf(refused(TOO_LONG, deep)))).toEqual(['name', 'window_end']);
  });

  test('a form calls a field otherwise than the server', async () => {
    const told = await at({ name: 'caller' }, Promise.reject(refused(TOO_LONG))).catch((error) => error);
    expect(told).toBeInstanceOf(Wrong);
    expect(Object.keys(told.fields)).toEqual(['caller']);
  });
});

describe('a call before it is written', () => {
  const NOON = Date.parse('2026-03-02T12:00:00Z');
  const hours = (date: string, from = '', to = '') => ({ date, from, to });

  test.each([
    [hours('2026-03-01'), true], [hours('2026-03-02'), false], [hours('2026-03-02', '11:00'), true], [hours('2026-03-02', '13:00'), false],
    [hours('2026-03-02', '11:00', '13:00'), false], [hours('2026-03-02', '', '11:59'), true], [hours('2026-03-03', '01:00', '02:00'), false],
  ])('whether %j is over at noon of 2 March: %s', (given, over) => expect(isOver(given, NOON)).toBe(over));

  test.each(['0002-12-01', '20266-11-30', '2026-02-31', '2026-2-3', '2200-01-01', '', null])('%j is no day', (text) => expect(dayIn(text)).toBeNull());

  test('what is missing or cannot be is named by its field', () => {
    const draft = { ...empty(), from: '10:00', to: '09:00' };
    expect(Object.keys(wrongIn(draft))).toEqual(['who', 'type', 'to']);
    expect(Object.keys(wrongIn({ ...draft, date: '20266-11-30', to: '' }))).toEqual(['who', 'type', 'date']);
    expect(Object.keys(wrongIn({ ...draft, fresh: true, place: 'here', to: '' }))).toEqual(['address', 'place', 'type']);
  });
});
