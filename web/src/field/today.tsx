import { dictionary, formatTime, zone } from '@shared/i18n';
import { Notice } from '@shared/ui';
import { useNow } from './clock';
import { standing, world } from './data/client';
import { DayMap } from './day-map';
import { type Visit, type World, all } from './data/rows';
import { TimeLeft, offeredUntil } from './offers';
import { mayClaim } from './open';
import { address } from './route';
import { OVER } from './steps';
import { stateWord } from './words';

const t = dictionary(
  {
    none: 'There is no work for you today.',
    loading: 'Your work is on its way to this phone…',
    offered: 'Offered to you',
    open: 'Open work to claim',
    now: 'Now',
    today: 'Today',
    later: 'Later',
    earlier: 'Earlier, still open',
    over: 'Done today',
    urgent: 'Urgent',
    anytime: 'Any time',
  },
  {
    none: '今天没有您的任务。',
    loading: '正在把您的任务下载到本手机…',
    offered: '征求您意见的任务',
    open: '可认领的任务',
    now: '进行中',
    today: '今天',
    later: '之后',
    earlier: '之前未完成',
    over: '今天已完成',
    urgent: '紧急',
    anytime: '时间不限',
  },
);

type Group = 'offered' | 'now' | 'earlier' | 'today' | 'later' | 'over';
const ORDER: Group[] = ['offered', 'now', 'earlier', 'today', 'later', 'over'];
const MAPPED: Group[] = ['now', 'earlier', 'today', 'over'];
const LEFT: Group[] = ['now', 'today', 'earlier'];
const REDRAW_MS = 60_000;
const UNDER_WAY = ['en_route', 'on_site', 'working', 'paused'];

/** The engineer's own work: what is under way, what comes next, what is done. */
export function Today() {
  const now = new Date(useNow(REDRAW_MS)); // a phone whose clock is wrong shows the right day
  const groups = grouped(world.value, now);
  return (
    <main class="stack">
      {!groups.size && <Notice>{t(standing.value?.levelAt ? 'none' : 'loading')}</Notice>}
      {ORDER.filter((group) => groups.has(group)).map((group) => (
        <section key={group} class="stack tight">
          <h2>{t(group)}</h2>
          <ul class="visits">
            {groups.get(group)!.map((visit) => (
              <Line key={visit.id} visit={visit} now={now} />
            ))}
          </ul>
        </section>
      ))}
      <DayMap visits={inOrder(MAPPED.flatMap((group) => groups.get(group) ?? []))} />
      {mayClaim() && <a class="button" href={address('open')}>{t('open')}</a>}
    </main>
  );
}

function Line({ visit, now }: { visit: Visit; now: Date }) {
  const job = world.value.jobs.get(visit.job_id);
  const site = job && world.value.sites.get(job.site_id);
  const until = offeredUntil(visit);
  return (
    <li>
      <a class="visit" href={address('visits', visit.id)}>
        <span class="when">{time(visit, now)}</span>
        <span class="what">
          <strong>{job?.summary ?? job?.number}</strong>
          <span>{site?.name}</span>
          <span class="soft">{site?.address}</span>
          {until && <TimeLeft until={until} />}
        </span>
        <span class="marks">
          <span class={`state ${visit.status}`}>{stateWord(visit.status)}</span>
          {job && job.priority === 1 && <span class="state urgent">{t('urgent')}</span>}
        </span>
      </a>
    </li>
  );
}

function time(visit: Visit, now: Date): string {
  const at = visit.planned_start ?? visit.window_start;
  if (!at) return t('anytime');
  if (dayOf(at) === dayOf(now)) return formatTime(at);
  return `${formatTime(at, { weekday: 'short' })}\n${formatTime(at)}`; // a phone holds a few days only
}

/** This person's visits by group, each in the order of the plan. */
export function grouped(everything: World, now: Date): Map<Group, Visit[]> {
  const groups = new Map<Group, Visit[]>();
  const visits = all(everything, 'visits', (visit) => visit.status !== 'draft');
  for (const visit of inOrder(visits)) {
    const group = groupOf(visit, now);
    if (group) groups.set(group, [...(groups.get(group) ?? []), visit]);
  }
  return groups;
}

/** The visit to go to when another is over: one under way, the next of today, or one left from earlier. */
export function following(everything: World, now: Date): Visit | null {
  const groups = grouped(everything, now);
  return LEFT.flatMap((group) => groups.get(group) ?? [])[0] ?? null;
}

function inOrder(visits: Visit[]): Visit[] {
  return visits.sort((a, b) => planned(a).localeCompare(planned(b)) || (a.sequence ?? 0) - (b.sequence ?? 0));
}

function groupOf(visit: Visit, now: Date): Group | null {
  const day = planned(visit) ? dayOf(planned(visit)) : dayOf(now);
  const today = dayOf(now);
  if (offeredUntil(visit)) return 'offered';
  if (UNDER_WAY.includes(visit.status)) return 'now';
  if (OVER.includes(visit.status)) return day === today ? 'over' : null;
  return day < today ? 'earlier' : day === today ? 'today' : 'later';
}

const planned = (visit: Visit) => visit.planned_start ?? visit.window_start ?? '';

/** The day on the organisation's calendar, so that days compare as text. */
function dayOf(moment: string | Date): string {
  return new Date(moment).toLocaleDateString('sv', { timeZone: zone.value });
}
