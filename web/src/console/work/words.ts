import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'Work of the day', table: 'Table', cards: 'Kanban', filter: 'Filter', filterHint: 'number, what, where, who', number: 'Number', what: 'What', where: 'Where', promised: 'Promised', who: 'Engineer', start: 'Start', state: 'State', urgency: 'Urgency', danger: 'At risk',
    only: 'Only at risk', view: 'View', views: 'Saved views', saveView: 'Save this view', viewName: 'Name of the view', deleteView: 'Delete the view', none: 'Nothing fits.', noneMore: 'Change the filter, the territory or the day.', waiting: 'Waiting', planned: 'Planned', underway: 'Under way', done: 'Done', trouble: 'Needs care', noView: 'No saved view',
  },
  {
    title: '当天工作', table: '表格', cards: '看板', filter: '筛选', filterHint: '编号、内容、地点、人员', number: '编号', what: '内容', where: '地点', promised: '承诺', who: '工程师', start: '开始', state: '状态', urgency: '紧急程度', danger: '风险',
    only: '仅有风险', view: '视图', views: '已存视图', saveView: '保存此视图', viewName: '视图名称', deleteView: '删除视图', none: '没有符合的内容。', noneMore: '请更改筛选、区域或日期。', waiting: '待安排', planned: '已排', underway: '进行中', done: '已结束', trouble: '需关注', noView: '无已存视图',
  },
);
