import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    site: 'Site', caller: 'Contact', account: 'Account', asset: 'Asset', due: 'Due', type: 'Type', access: 'Access', promised: 'Promised',
    edit: 'Edit', summary: 'What is wrong', description: 'Details', priority: 'Priority', dueAt: 'Due',
    changed: 'Somebody changed this job while you were writing. Compare, then save yours or take theirs.', theirs: 'Theirs: {value}', take: 'Take theirs', mine: 'Save mine over it',
    saved: '{number} saved.', history: 'Timeline', note: 'Add a note', noteHint: 'For colleagues and the engineer', add: 'Add',
    cancelJob: 'Cancel job…', hold: 'Put on hold…', resume: 'Take off hold', reopen: 'Reopen…', closeJob: 'Close job', reason: 'Reason',
    follow: 'New follow-up visit', abort: 'Ask to stop…', until: 'until {time}', goesOn: 'Resume on', goesOnHint: 'A reminder on the job: it goes on once somebody takes it off hold.', leave: 'Leave it as it is',
    holdTitle: 'Put the job on hold', holdNext: 'It stays ours, and waits: nobody is proposed or asked for it. What is planned already stays planned, and nobody is told.', holdGo: 'Put on hold',
    cancelTitle: 'Cancel the job', cancelNext: 'It is over: every visit that has not begun is called off, and a customer who was told of one hears so. It can be reopened.', cancelGo: 'Cancel the job',
    reopenTitle: 'Reopen the job', reopenNext: 'It is open again, and counts as a repeat.', reopenGo: 'Reopen the job',
    abortTitle: 'Ask the engineer to stop', abortNext: 'The phone shows it with the reason; the work stops once the engineer says so.', abortGo: 'Ask to stop',
    by: 'by {name}', occurred: 'at', received: 'received {time}', deviceSaid: 'phone said {time}', late: 'kept, did not move the visit',
    part: 'Part used: {quantity} × {part}', conflict: 'Conflict: {kind}', conflictOver: 'Conflict, resolved: {kind}', signature: 'Signed by {who}', refusedBy: 'Not signed: {who}', customer: 'the customer', checklist: 'Checklist', report: 'Report (PDF)',
    new_: 'New', open_: 'Open', waiting_: 'Waiting', scheduled_: 'Scheduled', in_progress: 'In progress', on_hold: 'On hold', completed_: 'Completed', closed_: 'Closed', cancelled_: 'Cancelled',
    nothing: 'Nothing has happened yet.', visitsOf: 'Visits',
  },
  {
    site: '站点', caller: '联系人', account: '客户', asset: '设备', due: '期限', type: '类型', access: '进入说明', promised: '承诺时间',
    edit: '编辑', summary: '问题', description: '详情', priority: '优先级', dueAt: '期限',
    changed: '您填写期间有人修改了此工单。请比较后保存您的内容或采用对方的内容。', theirs: '对方：{value}', take: '采用对方', mine: '用我的覆盖',
    saved: '{number} 已保存。', history: '时间线', note: '添加备注', noteHint: '同事和工程师可见', add: '添加',
    cancelJob: '取消工单…', hold: '暂缓…', resume: '恢复', reopen: '重新打开…', closeJob: '关闭工单', reason: '理由',
    follow: '新建后续上门', abort: '请求停止…', until: '至 {time}', goesOn: '恢复日期', goesOnHint: '仅作为工单上的提醒；有人恢复后才继续。', leave: '保持不变',
    holdTitle: '暂缓工单', holdNext: '工单保留并等待：不再推荐或询问人员。已排的上门保持不变，也不通知任何人。', holdGo: '暂缓',
    cancelTitle: '取消工单', cancelNext: '工单到此为止：尚未开始的上门全部取消，已接到通知的客户会收到取消通知。之后可重新打开。', cancelGo: '取消工单',
    reopenTitle: '重新打开工单', reopenNext: '工单重新待处理，并计为重复报修。', reopenGo: '重新打开',
    abortTitle: '请求工程师停止', abortNext: '手机会显示请求及理由；工程师确认后才停止作业。', abortGo: '请求停止',
    by: '由 {name}', occurred: '于', received: '{time} 收到', deviceSaid: '手机时间 {time}', late: '已保留，未改变上门状态',
    part: '使用配件：{quantity} × {part}', conflict: '冲突：{kind}', conflictOver: '已解决的冲突：{kind}', signature: '{who} 已签名', refusedBy: '未签名：{who}', customer: '客户', checklist: '检查表', report: '报告（PDF）',
    new_: '新建', open_: '待处理', waiting_: '待安排', scheduled_: '已排程', in_progress: '进行中', on_hold: '暂缓', completed_: '已完成', closed_: '已关闭', cancelled_: '已取消',
    nothing: '尚无记录。', visitsOf: '上门',
  },
);

const STATES = { new: 'new_', waiting: 'waiting_', open: 'open_', scheduled: 'scheduled_', in_progress: 'in_progress', on_hold: 'on_hold', completed: 'completed_', closed: 'closed_', cancelled: 'cancelled_' } as const;
export const jobState = (status: string): string => t(STATES[status as keyof typeof STATES] ?? 'open_');
