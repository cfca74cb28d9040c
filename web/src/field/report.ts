import type { Locale } from '@shared/i18n';
import { type Label, type Visit, type World, all } from './data/rows';
import { answerTo, itemsOf, photosOf } from './steps';
import type { Claim } from './sign/envelope';

/** When this phone itself took the steps of a visit; what another device did is not known here. */
export interface OwnTimes {
  on_site?: string;
  working?: string;
}
const LINE = 500;
const TEXT = 20_000;
const FREE_TEXT = ['work_done', 'remarks'];

/** The report of a visit as the customer is shown it, from the rows that this phone holds (`report.schema.json`). */
export function reportOf(world: World, visit: Visit, about: { language: Locale; organisation: string; zone: string; own: OwnTimes }) {
  const job = world.jobs.get(visit.job_id)!;
  const site = world.sites.get(job.site_id)!;
  const account = world.accounts.get(job.account_id ?? site.account_id ?? '');
  const asset = world.assets.get(job.asset_id ?? '');
  return {
    schema: 'callout.report/1',
    language: about.language.slice(0, 2) as 'en' | 'zh',
    time_zone: site.timezone ?? about.zone,
    organisation: { name: line(about.organisation) },
    visit: { id: visit.id, number: job.number, title: line(job.summary), description: text(job.description) },
    account: { name: line(account?.name ?? site.name) },
    site: { name: line(site.name), address: line(site.address) },
    asset: asset ? told({ name: line(asset.name), model: line(asset.model), serial: line(asset.serial) }) : null,
    engineers: engineers(world, visit),
    times: times(world, visit, about.own),
    work_done: freeText(world, visit, 'work_done') || notes(world, visit),
    checklist: checklist(world, visit, about.language),
    parts: parts(world, visit),
    prices: null,
    photos: photosOf(world, visit).flatMap(photo),
    remarks: freeText(world, visit, 'remarks'),
  };
}
export type Report = ReturnType<typeof reportOf>;

/** The photos as the envelope names them. */
export function claimed(report: Report): Claim[] {
  return report.photos.map(({ id, sha256, bytes }) => ({ id, sha256, bytes }));
}

/** A label in `language`, or the best there is. */
export function labelIn(label: Label, language: Locale): string {
  if (typeof label === 'string') return label;
  const names = Object.keys(label);
  const name = names.find((each) => each.startsWith(language.slice(0, 2))) ?? names.find((each) => each.startsWith('en'));
  return label[name ?? names[0] ?? ''] ?? '';
}

const line = (value: string | null | undefined) => (value ?? '').slice(0, LINE);
const text = (value: string | null | undefined) => (value ?? '').slice(0, TEXT);

function told<Members extends Record<string, string>>(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value)) as Members;
}

function engineers(world: World, visit: Visit) {
  const engineer = world.engineers.get(visit.engineer_id ?? '');
  return [engineer ? { id: engineer.id, name: line(engineer.name) } : { name: '—' }];
}

function times(world: World, visit: Visit, own: OwnTimes) {
  const spent = (kind: string) => {
    const ended = all(world, 'time_entries', (it) => it.visit_id === visit.id && it.kind === kind && Boolean(it.ended_at));
    const seconds = ended.reduce((sum, it) => sum + (Date.parse(it.ended_at!) - Date.parse(it.started_at)) / 1000, 0);
    return ended.length ? Math.max(0, Math.round(seconds)) : null;
  };
  return {
    arrived_at: own.on_site ?? null,
    started_at: own.working ?? null,
    finished_at: null,
    worked_s: spent('work'),
    travel_s: spent('travel'),
  };
}

function freeText(world: World, visit: Visit, key: string): string {
  const items = itemsOf(world, visit).filter((item) => item.key === key && item.kind === 'text');
  return text(items.map((item) => answerTo(world, item)?.value).filter(Boolean).join('\n'));
}

/** What the engineer wrote for the customer to read. */
function notes(world: World, visit: Visit): string {
  const open = all(world, 'notes', (note) => note.visit_id === visit.id && !note.internal);
  open.sort((a, b) => (a.device_at ?? '').localeCompare(b.device_at ?? '') || a.id.localeCompare(b.id));
  return text(open.map((note) => note.body).join('\n'));
}

function checklist(world: World, visit: Visit, language: Locale) {
  const items = itemsOf(world, visit).filter((item) => !FREE_TEXT.includes(item.key ?? ''));
  return items.map((item) => {
    const answer = answerTo(world, item);
    const value = answer?.value ?? null;
    const shown =
      value === null ? null
      : item.kind === 'photo' ? true
      : typeof value === 'boolean' ? value
      : typeof value === 'string' ? text(value)
      : JSON.stringify(value);
    return {
      id: item.id,
      label: line(labelIn(item.label, language)),
      answer: shown,
      ...(answer?.comment ? { remark: text(answer.comment) } : {}),
    };
  });
}

function parts(world: World, visit: Visit) {
  const used = all(world, 'part_uses', (it) => it.visit_id === visit.id);
  used.sort((a, b) => (a.device_at ?? '').localeCompare(b.device_at ?? '') || a.id.localeCompare(b.id));
  return used.map((it) => {
    const part = world.parts.get(it.part_id);
    const priced = part?.price_amount && part.price_currency;
    return {
      id: it.id,
      name: line(part?.name),
      sku: line(part?.number),
      quantity: plain(it.quantity),
      unit: line(part?.unit),
      price: priced ? { amount: part.price_amount!, currency: part.price_currency! } : null,
    };
  });
}

/** A quantity without zeros at its end: `1`, `0.5`. */
export function plain(quantity: string): string {
  return quantity.includes('.') ? quantity.replace(/\.?0+$/, '') : quantity;
}

function photo(media: ReturnType<typeof photosOf>[number]) {
  if (!media.sha256 || media.size === null) return [];
  const taken = media.captured_at ? { taken_at: new Date(media.captured_at).toISOString() } : {};
  return [{ id: media.id, sha256: media.sha256, bytes: media.size, ...(media.caption ? { caption: line(media.caption) } : {}), ...taken }];
}
