import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    board: 'Board', hours: 'Hours', fit: 'Whole day', zoomIn: 'Closer', zoomOut: 'Wider', now: 'Now', who: 'Find an engineer',
    free: { one: '1 visit', other: '{n} visits' }, off: 'No shift', break: 'Break', away: 'Away', drive: '{n} min drive', tight: 'The drive takes {n} min; there is less time.',
    empty: 'Nobody works on this day.', emptyMore: 'Shifts are entered under “Set up”. Choose another day, or all territories.',
    bar: '{number}, {summary}, {where}, {status}, {from} to {to}', toNow: 'Now', toNowHint: 'Move the board to now', home: 'from home',
  },
  {
    board: '排程板', hours: '时段', fit: '全天', zoomIn: '放大', zoomOut: '缩小', now: '现在', who: '查找工程师',
    free: '{n} 次上门', off: '无班次', break: '休息', away: '缺勤', drive: '车程 {n} 分钟', tight: '车程需 {n} 分钟，时间不足。',
    empty: '这一天没有人上班。', emptyMore: '班次在“设置”中录入。请选择其他日期或全部区域。',
    bar: '{number}，{summary}，{where}，{status}，{from} 至 {to}', toNow: '现在', toNowHint: '移到当前时刻', home: '从家出发',
  },
);
