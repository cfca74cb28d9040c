import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'Set up', lead: 'From an empty organisation to the first dispatched job, in this order. What is done is ticked; you can come back any time.',
    skills: 'Skills', skillsWhy: 'What work demands and people have.', types: 'Kinds of work', typesWhy: 'How long it takes and which skill it needs.', people: 'Engineers', peopleWhy: 'Who goes, from where, and when they work.',
    sites: 'Customers and sites', sitesWhy: 'For whom and where. Calls add them by themselves.', first: 'The first job', firstWhy: 'Take a call, choose who goes, send it out.', import: 'Bring requests from another system', importWhy: 'A CSV file, looked at before anything is written.',
    name: 'Name', code: 'Short code', minutes: 'Minutes it takes', skill: 'Skill it needs', noSkill: 'None', phone: 'Phone', home: 'Starts from (latitude, longitude)', from: 'Works from', to: 'until', weekdays: 'Monday to Friday, the next 14 days', hasSkills: 'Skills', address: 'Address', place: 'Latitude, longitude', customer: 'Customer',
    add: 'Add', added: '{name} is there.', has: '{n} so far', go: 'Take a call', badPlace: 'Two numbers: latitude, longitude.', notYours: 'Your role may not change this. Ask an administrator.',
    file: 'CSV file', preview: 'Look at it first', run: 'Import {n} rows', mapping: 'Column for “{field}”', none: '—', checking: 'Checking…', result: 'Result', source: 'Name of the other system', looksLike: 'The first rows', needs: 'Choose the columns of number and subject.', busy: 'Working…', external_id: 'number', subject: 'subject', description: 'details', address_: 'address', account: 'customer', lat: 'latitude', lon: 'longitude',
  },
  {
    title: '设置', lead: '按此顺序，从空组织到派出第一张工单。完成的步骤会打勾，可随时返回。',
    skills: '技能', skillsWhy: '工作所需、人员所有。', types: '工作类型', typesWhy: '需要多久、需要什么技能。', people: '工程师', peopleWhy: '谁去、从哪里出发、何时上班。',
    sites: '客户与站点', sitesWhy: '为谁、在哪里。来电时会自动添加。', first: '第一张工单', firstWhy: '接电话、选人、派出。', import: '从其他系统导入请求', importWhy: '先预览 CSV 文件，再写入。',
    name: '名称', code: '代码', minutes: '所需分钟', skill: '所需技能', noSkill: '无', phone: '电话', home: '出发点（纬度, 经度）', from: '上班', to: '下班', weekdays: '周一至周五，未来 14 天', hasSkills: '技能', address: '地址', place: '纬度, 经度', customer: '客户',
    add: '添加', added: '{name} 已添加。', has: '已有 {n} 个', go: '接电话', badPlace: '两个数字：纬度, 经度。', notYours: '您的角色无权更改，请联系管理员。',
    file: 'CSV 文件', preview: '先预览', run: '导入 {n} 行', mapping: '“{field}”对应的列', none: '—', checking: '正在检查…', result: '结果', source: '原系统名称', looksLike: '前几行', needs: '请选择编号和主题列。', busy: '正在处理…', external_id: '编号', subject: '主题', description: '详情', address_: '地址', account: '客户', lat: '纬度', lon: '经度',
  },
);
