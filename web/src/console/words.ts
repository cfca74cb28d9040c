import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'Dispatch desk',
    mayNotRead: 'Your role may not read this.', notYours: 'The desk is for dispatchers; your visits are in the field app.', fieldApp: 'To the field app',
    board: 'Board', map: 'Map', work: 'Work', plan: 'Plan', conflicts: 'Conflicts', setup: 'Set up',
    screens: 'Screens', today: 'Today', dayBefore: 'Day before', dayAfter: 'Day after', dayShown: 'Day shown',
    territory: 'Territory', allTerritories: 'All territories',
    live: 'Live', connecting: 'Connecting', gone: 'Offline',
    offline: 'No connection since {time}. What you see may be old; nothing that you write here is lost.',
    fault: 'The day could not be loaded: {words}', again: 'Try again',
    cut: 'There are more than {n} visits; not all of them are shown. Choose a territory to see all of its visits.',
    cutHere: 'Even in this territory there are more than {n} visits; not all of them are shown.',
    loading: 'Loading the day', search: 'Search', searchHint: 'Search everything ( / )',
    newJob: 'New job', close: 'Close', cancel: 'Cancel', save: 'Save', undo: 'Undo', undone: 'Undone.', dismiss: 'Dismiss', keys: 'Keys of the desk ( ? )',
    engineer: 'Engineer', nobody: 'Nobody yet', priority: 'Priority', p1: 'Urgent', p2: 'High', p3: 'Normal', p4: 'Low',
    draft: 'Waiting', scheduled: 'Scheduled', dispatched: 'Sent out', accepted: 'Accepted', rejected: 'Rejected',
    en_route: 'On the way', on_site: 'On site', working: 'Working', paused: 'Paused', completed: 'Completed',
    cannot_complete: 'Could not complete', approved: 'Approved', sent_back: 'Sent back', confirmed: 'Confirmed',
    disputed: 'Disputed', cancelled: 'Cancelled', aborted: 'Aborted',
    minutes: '{n} min',
  },
  {
    title: '调度台',
    mayNotRead: '您的角色无权查看此内容。', notYours: '调度台供调度员使用；您的任务在现场应用中。', fieldApp: '前往现场应用',
    board: '排程板', map: '地图', work: '工作', plan: '计划', conflicts: '冲突', setup: '设置',
    screens: '页面', today: '今天', dayBefore: '前一天', dayAfter: '后一天', dayShown: '显示日期',
    territory: '区域', allTerritories: '全部区域',
    live: '实时', connecting: '正在连接', gone: '离线',
    offline: '{time} 起连接中断。显示的内容可能已过时；您填写的内容不会丢失。',
    fault: '无法加载当天数据：{words}', again: '重试',
    cut: '上门超过 {n} 个，未全部显示。请选择一个区域，以查看该区域的全部上门。',
    cutHere: '即使在此区域，上门也超过 {n} 个，未全部显示。',
    loading: '正在加载当天数据', search: '搜索', searchHint: '搜索全部（/）',
    newJob: '新建工单', close: '关闭', cancel: '取消', save: '保存', undo: '撤销', undone: '已撤销。', dismiss: '知道了', keys: '快捷键（?）',
    engineer: '工程师', nobody: '尚未安排', priority: '优先级', p1: '紧急', p2: '高', p3: '普通', p4: '低',
    draft: '待安排', scheduled: '已排程', dispatched: '已派发', accepted: '已接受', rejected: '已拒绝',
    en_route: '在途', on_site: '已到场', working: '作业中', paused: '暂停', completed: '已完成',
    cannot_complete: '无法完成', approved: '已审核', sent_back: '已退回', confirmed: '客户已确认',
    disputed: '有争议', cancelled: '已取消', aborted: '已中止',
    minutes: '{n} 分钟',
  },
);

const PRIORITIES = ['p1', 'p2', 'p3', 'p4'] as const;
export const priorityName = (priority: number): string => t(PRIORITIES[priority - 1] ?? 'p4');
const STATUSES = ['draft', 'scheduled', 'dispatched', 'accepted', 'rejected', 'en_route', 'on_site', 'working', 'paused', 'completed', 'cannot_complete', 'approved', 'sent_back', 'confirmed', 'disputed', 'cancelled', 'aborted'] as const;
/** A visit's state in words. */
export const statusName = (status: string): string => t(STATUSES.find((one) => one === status) ?? 'draft');
export const minutes = (seconds: number): string => t('minutes', { n: Math.round(seconds / 60) });
