import { dictionary } from '@shared/i18n';

/** What is said on more than one screen. */
export const t = dictionary(
  {
    title: 'Field app',
    today: 'Today',
    back: 'Back',
    close: 'Close',
    cancel: 'Cancel',
    save: 'Save',
    yes: 'Yes',
    no: 'No',
    // states of a visit
    draft: 'Draft', scheduled: 'Scheduled', dispatched: 'New', accepted: 'Accepted', rejected: 'Declined',
    en_route: 'On the way', on_site: 'On site', working: 'At work', paused: 'Paused', completed: 'Done',
    cannot_complete: 'Not completed', approved: 'Approved', sent_back: 'Sent back', confirmed: 'Confirmed',
    disputed: 'Disputed', cancelled: 'Cancelled', aborted: 'Stopped',
    // steps to them
    to_accepted: 'Accept', to_rejected: 'Decline', to_en_route: 'Set off', to_on_site: 'I am here',
    to_working: 'Start work', to_paused: 'Pause', to_completed: 'Complete the visit',
    to_cannot_complete: 'Cannot complete', to_aborted: 'Stop work', resume: 'Go on working',
  },
  {
    title: '现场应用',
    today: '今天',
    back: '返回',
    close: '关闭',
    cancel: '取消',
    save: '保存',
    yes: '是',
    no: '否',
    draft: '草稿', scheduled: '已排期', dispatched: '新任务', accepted: '已接受', rejected: '已拒绝',
    en_route: '在路上', on_site: '已到达', working: '工作中', paused: '已暂停', completed: '已完成',
    cannot_complete: '未能完成', approved: '已批准', sent_back: '已退回', confirmed: '客户已确认',
    disputed: '客户有异议', cancelled: '已取消', aborted: '已中止',
    to_accepted: '接受', to_rejected: '拒绝', to_en_route: '出发', to_on_site: '我已到达',
    to_working: '开始工作', to_paused: '暂停', to_completed: '完成任务',
    to_cannot_complete: '无法完成', to_aborted: '停止工作', resume: '继续工作',
  },
);

type Word = Parameters<typeof t>[0];

/** A visit's state in words. */
export function stateWord(status: string): string {
  return t(status as Word);
}

/** A step in words, as a button says it. */
export function stepWord(from: string, to: string): string {
  return from === 'paused' && to === 'working' ? t('resume') : t(`to_${to}` as Word);
}
