import { dictionary } from '@shared/i18n';
import { statusName } from '../words';

const DEEDS = {
  triaged: 'Looked at and let through', customer_wrote: 'The customer wrote', office_wrote: 'The office wrote to the customer', held: 'Put on hold', resumed: 'Taken off hold', cancelled: 'Job cancelled', closed: 'Job closed', reopened: 'Job opened again',
  split: 'Part of the work went into a job of its own', split_from: 'Split off from another job', raised: 'Made more urgent', aged: 'Waited long: more urgent', converted_from: 'Made from a request',
  created: 'Visit planned', assigned: 'Given to somebody', reassigned: 'Given to somebody else', unassigned: 'Taken back', replanned: 'Time changed', returned: 'Waits for somebody else', reworked: 'Work goes on after the review', rescheduled: 'Put off', abort_asked: 'Asked to stop', late_work_counts: 'Work under the old plan counts',
} as const;
const deed = dictionary(DEEDS, {
  triaged: '已审阅并放行', customer_wrote: '客户留言', office_wrote: '已给客户留言', held: '已暂缓', resumed: '已恢复', cancelled: '工单已取消', closed: '工单已关闭', reopened: '工单重新打开',
  split: '部分工作拆为新工单', split_from: '由其他工单拆出', raised: '提高紧急程度', aged: '等待已久：提高紧急程度', converted_from: '由请求生成',
  created: '上门已计划', assigned: '已派给人员', reassigned: '改派他人', unassigned: '已收回', replanned: '时间已更改', returned: '等待改派', reworked: '审核后继续作业', rescheduled: '已改期', abort_asked: '已请求停止', late_work_counts: '按旧计划所做的工作已采用',
});

/** What happened, in words; a word that is not known here is shown as it came. */
export const deedName = (event: string): string => (event in DEEDS ? deed(event as keyof typeof DEEDS) : event.replaceAll('_', ' '));

/** A step of a visit: the state it reached, with what led there where that is not the same word. */
export const stepName = ({ event, to_status }: { event: string; to_status: string }): string =>
  event === to_status ? statusName(to_status) : `${deedName(event)} → ${statusName(to_status)}`;

const KINDS = { photo: 'Photo', audio: 'Voice note', video: 'Video', file: 'File' } as const;
const kind = dictionary(KINDS, { photo: '照片', audio: '语音', video: '视频', file: '文件' });
export const mediaName = (name: string): string => kind(name in KINDS ? (name as keyof typeof KINDS) : 'file');
