import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'Set up', lead: 'From an empty organisation to the first dispatched job, in this order. What is done is ticked; you can come back any time.',
    skills: 'Skills', skillsWhy: 'What work demands and people have.', types: 'Kinds of work', typesWhy: 'How long it takes and which skill it needs.', people: 'Engineers', peopleWhy: 'Who goes, from where, and when they work.',
    sites: 'Customers and sites', sitesWhy: 'For whom and where. Calls add them by themselves.', first: 'The first job', firstWhy: 'Take a call, choose who goes, send it out.', import: 'Bring requests from another system', importWhy: 'A CSV file, looked at before anything is written.',
    name: 'Name', code: 'Short code', minutes: 'Minutes it takes', skill: 'Skill it needs', noSkill: 'None', phone: 'Phone', home: 'Starts from (latitude, longitude)', from: 'Works from', to: 'until', weekdays: 'Days of work, the next {n} days', until: 'Certificate “{skill}” good until (empty: for ever)', hasSkills: 'Skills', address: 'Address', place: 'Latitude, longitude', customer: 'Customer',
    add: 'Add', there: 'There already ({n})', noneYet: 'Nothing yet.', added: '{name} is there.', has: '{n} so far', go: 'Take a call', badPlace: 'Two numbers: latitude, longitude.', notYours: 'Your role may not change this. Ask an administrator.',
    file: 'CSV file', preview: 'Look at it first', run: { one: 'Import one row', other: 'Import {n} rows' }, mapping: 'Column for “{field}”', none: '—', checking: 'Checking…', result: 'Result', source: 'Name of the other system', looksLike: 'The first rows', needs: 'Choose the columns of number and subject.', busy: 'Working…', external_id: 'number', subject: 'subject', description: 'details', address_: 'address', account: 'customer', latitude: 'latitude', longitude: 'longitude',
    territories: 'Territories', territoriesWhy: 'Who serves which part of town. May wait: without them everybody goes everywhere.', users: 'Who can sign in', usersWhy: 'Colleagues in the office, and each engineer’s phone.',
    draw: 'Click the corners on the map, one after the other; or write them, one a line: latitude, longitude.', corners: 'Corners', lastCorner: 'Take the last corner back', needCorners: 'An area needs at least three corners.', serves: 'Who serves it',
    email: 'E-mail', role: 'What they do', password: 'First password', passwordHint: 'At least 8 characters; tell them, they can change it.', isEngineer: 'Which engineer', nobodyYet: 'Nobody yet', admin: 'Administrator', manager: 'Manager', dispatcher: 'Dispatcher', agent: 'Takes calls', engineer: 'Engineer', storekeeper: 'Storekeeper', auditor: 'Auditor',
    checks: 'What must be ticked before the work is done, one a line', photos: 'Photos at least', signed: 'The customer signs',
    progress: '{done} of {n} steps are done.', missing: 'Still missing:', ready: 'Everything that is needed is there. Take the first call.', optional: 'may wait',
    tooBig: 'The file is larger than 50 MB.', noRows: 'There are no rows in this file.', kindOfAll: 'Kind of work', onlyRequests: 'Only requests, no jobs yet', rows: { one: 'one row', other: '{n} rows' },
    would: 'This would come of it (nothing has been written): {counts}.', did: 'Done: {counts}.', counts: 'requests {requests}, jobs {jobs}, new sites {sites}, new customers {accounts}, known already {known}', bad: { one: 'One row is not taken', other: '{n} rows are not taken' }, line: 'Line {line}',
  },
  {
    title: '设置', lead: '按此顺序，从空组织到派出第一张工单。完成的步骤会打勾，可随时返回。',
    skills: '技能', skillsWhy: '工作所需、人员所有。', types: '工作类型', typesWhy: '需要多久、需要什么技能。', people: '工程师', peopleWhy: '谁去、从哪里出发、何时上班。',
    sites: '客户与站点', sitesWhy: '为谁、在哪里。来电时会自动添加。', first: '第一张工单', firstWhy: '接电话、选人、派出。', import: '从其他系统导入请求', importWhy: '先预览 CSV 文件，再写入。',
    name: '名称', code: '代码', minutes: '所需分钟', skill: '所需技能', noSkill: '无', phone: '电话', home: '出发点（纬度, 经度）', from: '上班', to: '下班', weekdays: '工作日，未来 {n} 天', until: '证书“{skill}”有效期至（留空：长期）', hasSkills: '技能', address: '地址', place: '纬度, 经度', customer: '客户',
    add: '添加', there: '已有（{n}）', noneYet: '尚无。', added: '{name} 已添加。', has: '已有 {n} 个', go: '接电话', badPlace: '两个数字：纬度, 经度。', notYours: '您的角色无权更改，请联系管理员。',
    file: 'CSV 文件', preview: '先预览', run: '导入 {n} 行', mapping: '“{field}”对应的列', none: '—', checking: '正在检查…', result: '结果', source: '原系统名称', looksLike: '前几行', needs: '请选择编号和主题列。', busy: '正在处理…', external_id: '编号', subject: '主题', description: '详情', address_: '地址', account: '客户', latitude: '纬度', longitude: '经度',
    territories: '区域', territoriesWhy: '谁负责城市的哪一部分。可稍后再设：没有区域时人人可去任何地方。', users: '登录用户', usersWhy: '办公室同事，以及每位工程师的手机。',
    draw: '在地图上依次点击各顶点；也可逐行填写：纬度, 经度。', corners: '顶点', lastCorner: '撤回上一个顶点', needCorners: '区域至少需要三个顶点。', serves: '由谁负责',
    email: '电子邮箱', role: '职责', password: '初始密码', passwordHint: '至少 8 个字符；请告知本人，可自行修改。', isEngineer: '对应的工程师', nobodyYet: '尚无', admin: '管理员', manager: '经理', dispatcher: '调度员', agent: '客服', engineer: '工程师', storekeeper: '仓管员', auditor: '审计员',
    checks: '完工前必须勾选的检查项，每行一项', photos: '至少拍照张数', signed: '客户签名',
    progress: '已完成 {done} / {n} 步。', missing: '还缺：', ready: '所需内容已齐全，可以接第一个电话。', optional: '可稍后',
    tooBig: '文件超过 50 MB。', noRows: '此文件没有数据行。', kindOfAll: '工作类型', onlyRequests: '只导入请求，暂不生成工单', rows: '{n} 行',
    would: '预计结果（尚未写入任何内容）：{counts}。', did: '已完成：{counts}。', counts: '请求 {requests}、工单 {jobs}、新站点 {sites}、新客户 {accounts}、已存在 {known}', bad: '{n} 行未导入', line: '第 {line} 行',
  },
);
