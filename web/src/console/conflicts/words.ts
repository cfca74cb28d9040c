import { dictionary } from '@shared/i18n';
import { mediaName } from '../panel/deeds';

export const t = dictionary(
  {
    title: 'Conflicts', open: 'Open ({n})', none: 'No open conflict.', noneMore: 'When a phone that was offline and this desk disagree, both truths are kept and shown here. Nothing is dropped.',
    field: 'Field', phone: 'From the phone', server: 'Here', who: '{name}, {time}', keepPhone: 'Take the phone’s', keepHere: 'Keep ours', both: 'Keep both', edit: 'Write a third…', save: 'Save this', done: 'Dealt with', resolved: 'Resolved.',
    fields: 'Two wrote the same field', answer: 'Two answers to one question', late_fact: 'Work done under an old plan', proposal: 'The phone asks to change the plan', left: 'Changed after the work was given to somebody else', deleted: 'Deleted there, changed here', rejected: 'Refused change', revoked: 'From a revoked device', content_diverged: 'The customer signed something else than what stands here', chain_broken: 'Signatures of one device do not follow one another',
    refused: 'This was not taken over. Do what is needed by hand, then put it aside; it stays readable.',
    devices: 'Devices', device: 'Device', user: 'Of', seen: 'Last seen', unsent: 'Unsent', oldest: 'oldest {age}', revoke: 'Revoke', revokedTag: 'revoked', erased: 'erased', sure: 'Revoke “{name}”? It stops working within a minute and erases itself at its next contact. What it has not sent is kept aside when it arrives.', noDevices: 'No device yet', noDevicesMore: 'Phones appear here when they first sync, with what they have not sent.', never: 'never', openVisit: 'Open the visit',
    mineLate: '{name} has the visit then, in the state “{state}”.', theirsLate: 'The visit stays as it is here: {state}, {holder}. What {name} did stays in its timeline.', mineNext: 'What the phone wrote stands here, too.', theirsNext: 'What stands here stays; the phone gets it.', bothNext: 'Both stand here, ours first, then the phone’s.', editNext: 'You write what shall stand.', doneNext: 'Nothing changes; it leaves this list.',
    decidedN: 'Decided', decided: '{who} decided, {time}: {what}', somebody: 'Somebody', mineWas: 'the phone’s counts', theirsWas: 'ours stays', bothWas: 'both are kept', editWas: 'written anew', doneWas: 'dealt with',
    yes: 'Yes', no: 'No', other: 'entry {id}', create: 'new', update: 'changed', delete_: 'deleted', transition: 'step',
  },
  {
    title: '冲突', open: '待处理（{n}）', none: '没有待处理的冲突。', noneMore: '离线手机与调度台内容不一致时，两边内容都会保留并显示在这里，绝不丢弃。',
    field: '字段', phone: '来自手机', server: '这里', who: '{name}，{time}', keepPhone: '采用手机的', keepHere: '保留我们的', both: '两者都保留', edit: '另写一份…', save: '保存', done: '已处理', resolved: '已解决。',
    fields: '两人改了同一字段', answer: '同一问题两个答案', late_fact: '按旧计划完成的工作', proposal: '手机请求更改计划', left: '工作转给他人后的更改', deleted: '那边删除，这边更改', rejected: '被拒绝的更改', revoked: '来自已停用设备', content_diverged: '客户所签内容与这里不一致', chain_broken: '同一设备的签名次序不符',
    refused: '该更改未被采用。请人工处理后标记为已处理；内容仍可查看。',
    devices: '设备', device: '设备', user: '用户', seen: '最近在线', unsent: '未发送', oldest: '最早 {age}', revoke: '停用', revokedTag: '已停用', erased: '已清除', sure: '停用“{name}”？它将在一分钟内失效，并在下次联网时清除数据。未发送的内容到达后会另行保存。', noDevices: '尚无设备', noDevicesMore: '手机首次同步后会显示在这里，并显示其未发送的数量。', never: '从未', openVisit: '打开上门',
    mineLate: '上门改归 {name}，状态为“{state}”。', theirsLate: '上门保持现状：{state}，{holder}。{name} 所做的工作保留在时间线中。', mineNext: '这里改为手机所写的内容。', theirsNext: '这里的内容不变，并发给手机。', bothNext: '两者都保留在这里：先我们的，后手机的。', editNext: '由您另写。', doneNext: '内容不变，只从列表中移除。',
    decidedN: '已决定', decided: '{who} 于 {time} 决定：{what}', somebody: '某人', mineWas: '采用手机的', theirsWas: '保留我们的', bothWas: '两者都保留', editWas: '另写', doneWas: '已处理',
    yes: '是', no: '否', other: '条目 {id}', create: '新建', update: '更改', delete_: '删除', transition: '步骤',
  },
);

const KINDS = { field: 'fields', answer: 'answer', late_fact: 'late_fact', proposal: 'proposal', left: 'left', delete: 'deleted', rejected: 'rejected', revoked: 'revoked', content_diverged: 'content_diverged', chain_broken: 'chain_broken' } as const;
export const kindName = (kind: string): string => t(KINDS[kind as keyof typeof KINDS] ?? 'fields');

const DOINGS = { travel: 'driving', work: 'working', pause: 'break', signature: 'signature', refusal: 'not signed' } as const;
const doing = dictionary(DOINGS, { travel: '路上', work: '作业', pause: '休息', signature: '签名', refusal: '未签名' });
const FILES = new Set(['photo', 'audio', 'video', 'file']);
/** What kind of time or of file something is. */
export const doingName = (kind: string): string => (kind in DOINGS ? doing(kind as keyof typeof DOINGS) : FILES.has(kind) ? mediaName(kind) : kind);

const METHODS = { manual: 'The desk gives it', recommend: 'The desk is told who should go', auto: 'The best is asked first', round_robin: 'Asked in turn', nearest: 'The nearest is asked first', pool: 'Open to claim' } as const;
const method = dictionary(METHODS, { manual: '由调度台派发', recommend: '向调度台推荐人选', auto: '先问最合适的人', round_robin: '轮流询问', nearest: '先问最近的人', pool: '开放领取' });
/** How work finds its engineer. */
export const methodName = (name: string): string => (name in METHODS ? method(name as keyof typeof METHODS) : name);
