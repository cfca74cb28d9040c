import './styles/report.css';
import { dictionary, formatNumber, formatTime } from './i18n';

/** The report as its document tells it (`report.schema.json`): a signer is shown this and nothing else. */
export interface ReportDocument {
  language: string;
  time_zone: string;
  organisation: { name: string };
  visit: { number: string; title: string; description?: string };
  account: { name: string };
  site: { name: string; address: string };
  asset: { name: string; model?: string; serial?: string } | null;
  engineers: { name: string }[];
  times: { arrived_at: string | null; started_at: string | null; finished_at: string | null; worked_s: number | null };
  work_done: string;
  checklist: { id?: string; label: string; answer: boolean | string | null; remark?: string }[];
  parts: { id?: string; name: string; quantity: string; unit?: string; price: { amount: string; currency: string } | null }[];
  photos: { id: string; sha256: string; bytes: number; caption?: string }[];
  remarks: string;
}

const t = dictionary(
  {
    engineer: 'Engineer', arrived: 'Arrived', worked: 'Time worked', minutes: '{n} min', workDone: 'Work done',
    checklist: 'Checklist', parts: 'Parts', photos: { one: 'One photo', other: '{n} photos' }, remarks: 'Remarks',
    yes: 'Yes', no: 'No', photo: 'Photo',
  },
  {
    engineer: '工程师', arrived: '到达时间', worked: '工作时间', minutes: '{n} 分钟', workDone: '完成的工作',
    checklist: '检查清单', parts: '配件', photos: { one: '1 张照片', other: '{n} 张照片' }, remarks: '备注',
    yes: '是', no: '否', photo: '照片',
  },
);

/** A report on the screen. `pictures` are addresses of its photos by id, where there are any. */
export function ReportView({ report, pictures = {} }: { report: ReportDocument; pictures?: Record<string, string> }) {
  const { visit, site, asset, times } = report;
  return (
    <article class="report stack">
      <header>
        <strong>{report.organisation.name}</strong>
        <h2>{visit.title}</h2>
        <p class="soft">{visit.number}</p>
      </header>
      <p>
        {report.account.name}
        <br />
        {[site.name, site.address].filter(Boolean).join(', ')}
        {asset && <><br />{[asset.name, asset.model, asset.serial].filter(Boolean).join(' · ')}</>}
      </p>
      {visit.description && <p class="wrapped">{visit.description}</p>}
      <dl>
        <dt>{t('engineer')}</dt>
        <dd>{report.engineers.map(({ name }) => name).join(', ')}</dd>
        {times.arrived_at && <><dt>{t('arrived')}</dt><dd>{moment(times.arrived_at, report.time_zone)}</dd></>}
        {times.worked_s !== null && <><dt>{t('worked')}</dt><dd>{t('minutes', { n: Math.round(times.worked_s / 60) })}</dd></>}
      </dl>
      {report.work_done && <section><h3>{t('workDone')}</h3><p class="wrapped">{report.work_done}</p></section>}
      {report.checklist.length > 0 && (
        <section>
          <h3>{t('checklist')}</h3>
          <dl>
            {report.checklist.map((item, place) => [
              <dt key={`${place}-label`} lang={spoken(report.language)}>{item.label}</dt>,
              <dd key={`${place}-answer`}>{answer(item.answer)}{item.remark && ` (${item.remark})`}</dd>,
            ])}
          </dl>
        </section>
      )}
      {report.parts.length > 0 && (
        <section>
          <h3>{t('parts')}</h3>
          <ul>
            {report.parts.map((part, place) => (
              <li key={place}>{part.quantity} {part.unit} × {part.name} {part.price && money(part.price)}</li>
            ))}
          </ul>
        </section>
      )}
      {report.photos.length > 0 && (
        <section>
          <h3>{t('photos', { n: report.photos.length })}</h3>
          <div class="photos">
            {report.photos.map(({ id }, place) => pictures[id] && <img key={id} src={pictures[id]} alt={`${t('photo')} ${place + 1}`} />)}
          </div>
        </section>
      )}
      {report.remarks && <section><h3>{t('remarks')}</h3><p class="wrapped">{report.remarks}</p></section>}
    </article>
  );
}

/** The language of a report as HTML names it. */
export function spoken(language: string): string {
  return language === 'zh' ? 'zh-CN' : 'en';
}

function answer(value: boolean | string | null): string {
  if (value === null) return '—';
  return typeof value === 'boolean' ? t(value ? 'yes' : 'no') : value;
}

function moment(at: string, timeZone: string): string {
  const shape = { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false } as const;
  return formatTime(at, { ...shape, timeZone });
}

function money({ amount, currency }: { amount: string; currency: string }): string {
  return formatNumber(Number(amount), { style: 'currency', currency });
}
