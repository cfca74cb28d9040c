import { dictionary } from '@shared/i18n';

const t = dictionary(
  {
    open: 'The quote that opens in line {line} is never closed.', long: 'The quote that opens in line {line} closes only after {n} characters: one is missing there.', columns: '{n} columns instead of {m}',
    after: 'text behind the closing quote of “{cell}…”', again: 'The number “{number}” stands in line {line} already.',
  },
  {
    open: '第 {line} 行的引号没有结束。', long: '第 {line} 行的引号在 {n} 个字符之后才结束：此处缺少引号。', columns: '有 {n} 列，应为 {m} 列',
    after: '“{cell}…”的结束引号之后还有文字', again: '编号“{number}”已在第 {line} 行出现。',
  },
);

/** What a file holds: `lines` says where each row begins; rows that are none are in `bad`. */
export interface Table {
  columns: string[];
  rows: Record<string, string>[];
  lines: number[];
  bad: { line: number; reason: string }[];
}
interface Line {
  at: number;
  cells: string[];
  fault: string;
}

const SEPARATORS = [',', ';', '\t'] as const;
const LONGEST = 200_000; // no cell of a request is so long: a quote is missing

/** The words of a file: UTF-8, or else the Chinese encoding in which spreadsheets often save. */
export function wordsOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/**
 * A table with a first line of names (RFC 4180); the separator is whichever stands most often in that line.
 * Throws, in words for the user, when a quote is not closed: nothing after it could be told apart.
 */
export function tableOf(words: string): Table {
  const head = words.slice(0, words.search(/[\r\n]|$/));
  const separator = SEPARATORS.reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best));
  const [names, ...lines] = linesOf(words, separator);
  const columns = (names?.cells ?? []).map((name) => name.trim());
  const table: Table = { columns: columns.filter(Boolean), rows: [], lines: [], bad: [] };
  for (const { at, cells, fault } of lines) {
    if (!cells.some((cell) => cell.trim())) continue;
    const more = cells.slice(columns.length).some((cell) => cell.trim()) && t('columns', { n: cells.length, m: columns.length });
    if (fault || more) table.bad.push({ line: at, reason: fault || String(more) });
    else table.lines.push(at), table.rows.push(Object.fromEntries(columns.map((name, place) => [name, cells[place] ?? ''])));
  }
  return table;
}

function linesOf(words: string, separator: string): Line[] {
  const found: Line[] = [];
  const ends = new RegExp(`${separator}|\\r\\n|\\n|\\r|$`, 'g');
  let [at, line, cells] = [0, 1, [] as string[]];
  let [begins, fault] = [line, ''];
  while (at < words.length || cells.length) {
    const quoted = words[at] === '"' ? quotedCell(words, at, line) : null;
    ends.lastIndex = quoted?.end ?? at;
    const end = ends.exec(words)!;
    const plain = words.slice(quoted?.end ?? at, end.index);
    cells.push((quoted?.text ?? '') + plain);
    if (quoted && plain.trim()) fault ||= t('after', { cell: quoted.text.slice(0, 20) });
    line += quoted?.lines ?? 0;
    at = end.index + end[0].length;
    if (end[0] === separator) continue;
    found.push({ at: begins, cells, fault });
    line += 1;
    [cells, begins, fault] = [[], line, ''];
  }
  return found;
}

/** A quoted cell may hold separators, line ends and doubled quotes. `end` is behind its closing quote. */
function quotedCell(words: string, from: number, line: number): { text: string; end: number; lines: number } {
  for (let at = from + 1; ; at += 2) {
    at = words.indexOf('"', at);
    if (at < 0) throw new Error(t('open', { line }));
    if (at - from > LONGEST) throw new Error(t('long', { line, n: at - from }));
    if (words[at + 1] === '"') continue;
    const inside = words.slice(from + 1, at);
    return { text: inside.replaceAll('""', '"'), end: at + 1, lines: inside.match(/\r\n|\n|\r/g)?.length ?? 0 };
  }
}

/** Each number once; a row that has the number of an earlier one is told with the line of that. */
export function unrepeated(table: Table, column: string): Table {
  const seen = new Map<string, number>();
  const found: Table = { ...table, rows: [], lines: [], bad: [...table.bad] };
  table.rows.forEach((row, at) => {
    const [number, line] = [(row[column] ?? '').trim(), table.lines[at]!];
    const first = number && seen.get(number);
    if (first) return found.bad.push({ line, reason: t('again', { number, line: first }) });
    seen.set(number, line);
    return found.rows.push(row), found.lines.push(line);
  });
  return found;
}
