import { expect, test } from 'vitest';
import { tableOf, unrepeated, wordsOf } from '../../src/console/setup/csv';

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

test('each row knows the line that it begins in, however many lines a cell fills', () => {
  const table = tableOf('no,what\n1,"two\r\nlines"\n\n2,next\n3,"a ""b""\n\n"\n4,last');
  expect(table.rows.map((row) => row.no)).toEqual(['1', '2', '3', '4']);
  expect(table.lines).toEqual([2, 5, 6, 9]);
});

test('a row that is none is told with its line, and the others are taken', () => {
  const table = tableOf('no,what\n1,a,b\n2,"x" y\n3,fine\n4,5" pipe,\n');
  expect(table.rows.map((row) => row.no)).toEqual(['3', '4']);
  expect(table.rows[1]!.what).toBe('5" pipe');
  expect(table.bad.map((one) => one.line)).toEqual([2, 3]);
  expect(table.bad[0]!.reason).toContain('3 columns instead of 2');
});

test('a quote that is never closed is told at once and with its line, however large the file', () => {
  const row = '17,"said ""no""",1 Main Street\n';
  const large = `no,what,where\n${row.repeat(50_000)}18,"open,there\n${'19,"a",b\n'.repeat(50_000)}`.replace(/"a"/g, 'a');
  const begun = performance.now();
  expect(() => tableOf(large)).toThrow('line 50,002');
  expect(performance.now() - begun).toBeLessThan(20_000); // it took minutes, or the whole tab
  expect(() => tableOf(`no,what\n1,"${'x'.repeat(300_000)}"\n`)).toThrow('line 2');
});

test('what recurs in the column of numbers is told once, with the line of the first', () => {
  const table = tableOf('no,what\n1,a\n2,b\n 1 ,c\n,d\n,e\n');
  const once = unrepeated(table, 'no');
  expect(once.rows.map((row) => row.what)).toEqual(['a', 'b', 'd', 'e']);
  expect(once.lines).toEqual([2, 3, 5, 6]);
  expect(once.bad).toEqual([{ line: 4, reason: 'The number “1” stands in line 2 already.' }]);
  expect(table.bad).toEqual([]);
});
