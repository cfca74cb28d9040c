import { dictionary } from '@shared/i18n';

const FIELDS = {
  access_notes: 'Access', address: 'Address', name: 'Name', location: 'Place on the map', geofence_m: 'Radius of the site (m)', phone: 'Phone', email: 'E-mail', locale: 'Language', model: 'Model', serial: 'Serial number', batch: 'Batch',
  installed_on: 'Installed', purchased_on: 'Bought', warranty_until: 'Warranty until', parent_id: 'Part of', summary: 'What is wrong', description: 'Details', body: 'Note', value: 'Answer', comment: 'Comment', status: 'State', engineer_id: 'Engineer', cancel_reason: 'Why it was cancelled',
  facts: 'Done', to: 'State', kind: 'Kind', type: 'What it is', data: 'Content', problem: 'Why it was refused', quantity: 'Quantity', part_id: 'Part', item_id: 'Question', ref_id: 'File', started_at: 'From', ended_at: 'Until', planned_start: 'Planned start', planned_end: 'Planned end', window_start: 'Promised from', window_end: 'Promised until',
  duration_s: 'Duration (s)', instructions: 'Instructions', priority: 'Priority', due_at: 'Due', reason: 'Reason', visit_id: 'Visit', site_id: 'Site', account_id: 'Customer', amount: 'Amount', currency: 'Currency', caption: 'Caption', earliest_start: 'Not before', contact_id: 'Contact', asset_id: 'Asset', territory_id: 'Territory', job_type_id: 'Kind of work', sequence: 'Place in the day', pinned: 'Stays where it is', dispatch_method: 'How it finds somebody', visibility: 'Who sees it',
} as const;
const field = dictionary(FIELDS, {
  access_notes: '进入说明', address: '地址', name: '名称', location: '地图位置', geofence_m: '站点半径（米）', phone: '电话', email: '电子邮箱', locale: '语言', model: '型号', serial: '序列号', batch: '批次',
  installed_on: '安装日期', purchased_on: '购买日期', warranty_until: '保修至', parent_id: '隶属', summary: '问题', description: '详情', body: '备注', value: '答案', comment: '说明', status: '状态', engineer_id: '工程师', cancel_reason: '取消理由',
  facts: '已做', to: '状态', kind: '种类', type: '操作', data: '内容', problem: '拒绝理由', quantity: '数量', part_id: '配件', item_id: '问题', ref_id: '文件', started_at: '开始', ended_at: '结束', planned_start: '计划开始', planned_end: '计划结束', window_start: '承诺自', window_end: '承诺至',
  duration_s: '时长（秒）', instructions: '作业说明', priority: '优先级', due_at: '期限', reason: '理由', visit_id: '上门', site_id: '站点', account_id: '客户', amount: '金额', currency: '货币', caption: '说明', earliest_start: '不早于', contact_id: '联系人', asset_id: '设备', territory_id: '区域', job_type_id: '工作类型', sequence: '当天次序', pinned: '固定不动', dispatch_method: '派发方式', visibility: '可见范围',
});

/** A field as a person calls it; one that is not known here keeps its name. */
export const fieldName = (name: string): string => (name in FIELDS ? field(name as keyof typeof FIELDS) : name.replaceAll('_', ' '));

const ROWS = { sites: 'Site', contacts: 'Contact', assets: 'Asset', jobs: 'Job', visits: 'Visit', notes: 'Note', checklist_answers: 'Answer of a checklist', time_entries: 'Working time', part_uses: 'Part used', expenses: 'Expense', media: 'Photo or file', signatures: 'Signature', visit_events: 'Step', visit_evidence: 'Photo or signature', checklist_items: 'Question', accounts: 'Customer', row: 'Entry' } as const;
const row = dictionary(ROWS, { sites: '站点', contacts: '联系人', assets: '设备', jobs: '工单', visits: '上门', notes: '备注', checklist_answers: '检查项答案', time_entries: '工时', part_uses: '使用配件', expenses: '费用', media: '照片或文件', signatures: '签名', visit_events: '步骤', visit_evidence: '照片或签名', checklist_items: '问题', accounts: '客户', row: '条目' });

/** What kind of row a collection holds. */
export const rowName = (collection: string): string => row(collection in ROWS ? (collection as keyof typeof ROWS) : 'row');
