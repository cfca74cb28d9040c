import { expect, test } from 'vitest';
import { tableOf, wordsOf } from '../../src/console/setup/csv';

const bytes = (...list: number[]) => new Uint8Array(list).buffer;

test('quoted cells hold separators, quotes and line ends; empty lines are no rows', () => {
  const { columns, rows } = tableOf('no,what,where\r\n1,"Lamp, dark","1 ""Main""\nStreet"\r\n\r\n2,Door,\r\n');
  expect(columns).toEqual(['no', 'what', 'where']);
  expect(rows).toEqual([
    { no: '1', what: 'Lamp, dark', where: '1 "Main"\nStreet' },
    { no: '2', what: 'Door', where: '' },
  ]);
});

test.each([';', '\t'])('the separator %j is found in the first line', (separator) => {
  expect(tableOf(['a', 'b'].join(separator) + '\n' + ['1,5', '2'].join(separator)).rows).toEqual([{ a: '1,5', b: '2' }]);
});

test('a last line without its end counts, a short one is filled, nothing makes no rows', () => {
  expect(tableOf('a,b\n1').rows).toEqual([{ a: '1', b: '' }]);
  expect(tableOf('a,b\n1,').rows).toEqual([{ a: '1', b: '' }]);
  expect(tableOf('').rows).toEqual([]);
  expect(tableOf('a,b').rows).toEqual([]);
});

test('both encodings of Chinese spreadsheets are read, and the mark at the beginning is no letter', () => {
  expect(wordsOf(bytes(0xb5, 0xd8, 0xd6, 0xb7))).toBe('地址');
  expect(wordsOf(bytes(0xef, 0xbb, 0xbf, 0xe5, 0x9c, 0xb0))).toBe('地');
});
