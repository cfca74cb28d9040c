export interface Table {
  columns: string[];
  rows: Record<string, string>[];
}

const SEPARATORS = [',', ';', '\t'] as const;

/** The words of a file: UTF-8, or else the Chinese encoding in which spreadsheets often save. */
export function wordsOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** A table with a first line of names (RFC 4180); the separator is whichever stands most often in that line. */
export function tableOf(words: string): Table {
  const head = words.slice(0, words.search(/[\r\n]|$/));
  const separator = SEPARATORS.reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best));
  const [names = [], ...lines] = cellsOf(words, separator);
  const columns = names.map((name) => name.trim());
  const rows = lines.filter((line) => line.some((cell) => cell.trim())).map((line) => Object.fromEntries(columns.map((name, at) => [name, line[at] ?? ''])));
  return { columns: columns.filter(Boolean), rows };
}

/** A quoted cell may hold separators, line ends and doubled quotes. */
function cellsOf(words: string, separator: string): string[][] {
  const lines: string[][] = [];
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}\\r\\n]*))(${separator}|\\r\\n|\\n|\\r|$)`, 'gy');
  for (let line: string[] = [], found: RegExpExecArray | null; (found = cell.exec(words)); ) {
    const [whole, quoted, plain = '', end] = found;
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== separator) (lines.push(line), (line = []));
    if (!whole && !end) break;
    if (cell.lastIndex >= words.length && end !== separator) break;
  }
  return lines;
}
