import { useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import { Button, Notice, TextField } from '@shared/ui';
import { jobTypes } from '../data/day';
import { Choice } from '../parts/select';
import { type Table, tableOf, wordsOf } from './csv';
import { type Chosen, FIELDS, type Report, guessed, run } from './importing';
import { t } from './words';

const SEEN = 3; // rows shown, so that the columns can be told
const FAULTS = 20;
const MB = 1 << 20;

/** Requests of another system: the file is looked at, tried without a trace, and only then taken. */
export function ImportForm({ onDone }: { onDone: () => void }) {
  const [table, setTable] = useState<Table | null>(null);
  const [chosen, setChosen] = useState<Chosen>(guessed([]));
  const [source, setSource] = useState('');
  const [type, setType] = useState('');
  const [done, setDone] = useState<number | null>(null);
  const [report, setReport] = useState<{ dry: boolean; found: Report } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > 50 * MB) return setFault(t('tooBig'));
    setTable(null), setReport(null);
    try {
      const found = tableOf(wordsOf(await file.arrayBuffer()));
      setTable(found), setChosen(guessed(found.columns)), setFault(found.rows.length ? null : t('noRows'));
      setSource(file.name.replace(/\.[^.]*$/, '').slice(0, 100));
    } catch (error) {
      setFault(inWords(error));
    }
  };
  const take = async (dry: boolean) => {
    setDone(0), setFault(null);
    try {
      const found = await run({ table: table!, chosen, source: source.trim(), type }, dry, setDone);
      setReport({ dry, found });
      if (!dry) onDone();
    } catch (error) {
      setFault(inWords(error));
    }
    setDone(null);
  };
  const change = <Value,>(set: (value: Value) => void) => (value: Value) => (set(value), setReport(null)); // what was tried is not what is asked any more
  const ready = table?.rows.length && chosen.external_id && chosen.subject && source.trim();
  return (
    <form class="stack tight" aria-label={t('import')} onSubmit={(event) => (event.preventDefault(), void take(true))}>
      <label class="stack tight"><span>{t('file')}</span><input type="file" accept=".csv,.tsv,text/csv" onChange={(event) => void read(event.currentTarget.files?.[0])} /></label>
      {fault && <Notice kind="bad">{fault}</Notice>}
      {table && table.rows.length > 0 && (
        <>
          <Sample table={table} />
          <div class="fields">
            <TextField label={t('source')} name="source" value={source} onValue={change(setSource)} />
            <Choice label={t('kindOfAll')} value={type} onValue={change(setType)} options={[['', t('onlyRequests')], ...[...jobTypes.value.values()].map((one) => [one.id, one.name] as const)]} />
            {FIELDS.map((field) => (
              <Choice key={field} label={t('mapping', { field: t(field === 'address' ? 'address_' : field) })} value={chosen[field]}
                onValue={(name) => change(setChosen)({ ...chosen, [field]: name })} options={[['', '—'], ...table.columns.map((name) => [name, name] as const)]} />
            ))}
          </div>
          {!ready && <p class="soft">{t('needs')}</p>}
          <div class="row">
            <Button type="submit" kind={report?.dry ? '' : 'primary'} busy={done !== null} disabled={!ready}>{t('preview')}</Button>
            {report?.dry && report.found.requests > 0 && <Button kind="primary" busy={done !== null} onClick={() => void take(false)}>{t('run', { n: report.found.requests })}</Button>}
          </div>
          {done !== null && <progress max={1} value={done} aria-label={t('busy')} />}
          {report && <Outcome {...report} />}
        </>
      )}
    </form>
  );
}

function Sample({ table }: { table: Table }) {
  return (
    <div class="wide-table" tabIndex={0} role="group" aria-label={t('looksLike')}>
      <table>
        <caption class="soft">{t('looksLike')} · {t('rows', { n: table.rows.length })}</caption>
        <thead><tr>{table.columns.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>{table.rows.slice(0, SEEN).map((row, at) => <tr key={at}>{table.columns.map((name) => <td key={name}>{row[name]}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

/** What came of it, or would; each row that was not taken with its line and the reason. */
function Outcome({ dry, found }: { dry: boolean; found: Report }) {
  const { requests, jobs, sites, accounts, known, bad } = found;
  return (
    <div class="stack tight" role="status">
      <Notice kind={bad.length ? 'warn' : 'good'}>{t(dry ? 'would' : 'did', { counts: t('counts', { requests, jobs, sites, accounts, known }) })}</Notice>
      {bad.length > 0 && (
        <details open>
          <summary>{t('bad', { n: bad.length })}</summary>
          <ul>{bad.slice(0, FAULTS).map((one) => <li key={one.line}>{t('line', { line: one.line })}: {one.reason}</li>)}</ul>
        </details>
      )}
    </div>
  );
}
