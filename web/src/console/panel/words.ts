import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    who: 'Who goes', job: 'Job', tabs: 'About this visit', asking: 'Asking who could go…', askingLong: 'The first answer after a start takes longest.',
    best: 'Best first', points: '{n} points', begins: 'begins {start}, done {end}', waits: 'waits {time} before', tight: 'At the last minute: promised until {time}', drive: '+{n} min drive', assign: 'Assign', holds: 'Has it now',
    delays: { one: 'One visit would begin later', other: '{n} visits would begin later' },
    delay: '{number}: {minutes} later', late: '{minutes} past its deadline', noDelay: 'Delays nobody',
    none: 'Nobody can go', noneMore: 'Below is why. You can still force it with a reason, change the promised time, or call somebody in.',
    rejected: { one: 'One who cannot', other: '{n} who cannot' }, force: 'Force…', anyOf: 'One of these is in the way; it is enough that one gives way:',
    forceTitle: 'Assign although a rule breaks', reason: 'Reason (kept in the records)', forceIt: 'Assign with this reason',
    check: 'Before it counts', gives: '{number} would go to {name} at {time}.', breaks: 'A rule breaks:', later: 'Others begin later:', do: 'Assign and let them move',
    move: 'Assign by hand', date: 'Day', start: 'Start (empty: the best moment)', take: 'Take back', over: 'Work has begun or is over: nobody else can be sent.',
    noPlace: 'The site has no place on the map, so nobody can be proposed. Assign by hand.',
    travel: 'Drive', overtime: 'Overtime', lateness: 'Deadline', delay_: 'Delay', continuity: 'Knows the site', preferred: 'Preferred', skill_waste: 'Skill to spare', stability: 'Already planned', balance: 'Fair share',
  },
  {
    who: '谁去', job: '工单', tabs: '关于此上门', asking: '正在计算谁可以去…', askingLong: '启动后的第一次计算最久。',
    best: '由优到劣', points: '{n} 分', begins: '{start} 开始，{end} 完成', waits: '此前等待 {time}', tight: '时间很紧：承诺至 {time}', drive: '+{n} 分钟车程', assign: '派发', holds: '当前负责',
    delays: { one: '有 1 次上门会推迟', other: '有 {n} 次上门会推迟' },
    delay: '{number}：推迟 {minutes}', late: '超过期限 {minutes}', noDelay: '不影响他人',
    none: '没有人可以去', noneMore: '原因见下。您仍可说明理由强制派发、更改承诺时间或临时调人。',
    rejected: { one: '1 人不行', other: '{n} 人不行' }, force: '强制…', anyOf: '以下原因只需解除其一：',
    forceTitle: '违反规则仍要派发', reason: '理由（会留存记录）', forceIt: '以此理由派发',
    check: '生效之前', gives: '{number} 将派给 {name}，{time}。', breaks: '违反规则：', later: '他人会推迟：', do: '派发并顺延',
    move: '手动派发', date: '日期', start: '开始时间（留空：最佳时刻）', take: '收回', over: '工作已开始或已结束，不能改派。',
    noPlace: '站点在地图上没有位置，无法推荐。请手动派发。',
    travel: '车程', overtime: '加班', lateness: '期限', delay_: '推迟', continuity: '熟悉站点', preferred: '客户首选', skill_waste: '技能富余', stability: '已有安排', balance: '均衡',
  },
);

const TERMS = ['travel', 'overtime', 'lateness', 'continuity', 'preferred', 'skill_waste', 'stability', 'balance'] as const;

/** A wish of the engine by its name on the wire. */
export function termName(name: string): string {
  if (name === 'delay') return t('delay_');
  const known = TERMS.find((one) => name === one || name.startsWith(`${one}_`));
  return known ? t(known) : name;
}
