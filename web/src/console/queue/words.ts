import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    queue: 'Queue', waiting: 'Waiting', risk: 'At risk', counted: '{what} ({n})', sort: 'Sort by', urgency: 'Urgency', window: 'Promised time',
    place: 'Territory', age: 'Age', none: 'Nothing waits.', noneMore: 'New work appears here by itself. “New job” takes a call.',
    calm: 'Nothing is at risk.', calmMore: 'Visits that run late, overlap or miss their promise appear here.',
    anyTime: 'any time', missed: 'Promise missed', overdue: 'Should have begun', overlap: 'Overlaps', travel: 'Too little time to drive', late: 'Will begin late',
    window_: 'After its promise', overrun: 'Runs over', closing: 'Time runs out', noPlace: 'No place on the map', undone: 'Needs another day', undoneN: { one: 'One visit needs another day', other: '{n} visits need another day' },
    undoneMore: 'They have not begun, and the shift is over or too short for them. Give them to somebody who still works, or to another day.', customers: { one: 'One customer waits for you', other: '{n} customers wait for you' }, wrote: 'Customer wrote', disputed: 'Something is wrong',
    news: '{number}: the customer wrote. “{words}”', newsWrong: '{number}: the customer says that something is wrong.',
    drag: 'Drag onto the board to give it to somebody.',
  },
  {
    queue: '队列', waiting: '待安排', risk: '有风险', counted: '{what}（{n}）', sort: '排序', urgency: '紧急程度', window: '承诺时间',
    place: '区域', age: '等待时长', none: '没有待安排的工作。', noneMore: '新工作会自动出现在这里。接到电话请点“新建工单”。',
    calm: '没有风险。', calmMore: '延误、重叠或错过承诺的上门会出现在这里。',
    anyTime: '任意时间', missed: '已错过承诺', overdue: '应已开始', overlap: '时间重叠', travel: '路程时间不足', late: '将推迟开始',
    window_: '晚于承诺', overrun: '超时', closing: '时间紧迫', noPlace: '地图上无位置', undone: '需改天', undoneN: '{n} 次上门需改天',
    undoneMore: '尚未开始，而班次已结束或剩余时间不够。请改派给仍在班的人，或改到其他日期。', customers: { one: '1 位客户等您回复', other: '{n} 位客户等您回复' }, wrote: '客户留言', disputed: '客户有异议',
    news: '{number}：客户留言。“{words}”', newsWrong: '{number}：客户表示有问题。',
    drag: '拖到排程板上即可派发。',
  },
);
