import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'New job from a call', who: 'Who calls, or where?', whoHint: 'Name, phone or address', sites: 'Where', none: 'Nobody known by that. Add them:', known: 'Choose somebody known',
    caller: 'Caller', phone: 'Phone', address: 'Address', place: 'Latitude, longitude', placeHint: 'Such as 31.2304, 121.4737. Without it nobody can be proposed.', newOne: 'Somebody new', type: 'What kind of work',
    priority: 'How urgent', summary: 'What is wrong', details: 'Details', noHours: 'Without hours nothing is promised.', create: 'Create and choose who goes',
    where: 'Choose where: search, and choose one of the places.', noName: 'Who is it? Write the name.', noAddress: 'Where is it? Write the address.', kind: 'Choose what kind of work it is.', badPlace: 'Two numbers: latitude, longitude.',
    over: 'This time is over already. Change it, or create the job all the same.', anyway: 'Create it all the same',
    elsewhere: 'The job is made. It lies in a territory that is not yours: whoever has it sees it.', kept: 'Your draft from before is still here.', discard: 'Discard',
  },
  {
    title: '来电新建工单', who: '谁来电，或在哪里？', whoHint: '姓名、电话或地址', sites: '地点', none: '没有匹配的客户，请新建：', known: '选择已有客户',
    caller: '来电人', phone: '电话', address: '地址', place: '纬度, 经度', placeHint: '例如 31.2304, 121.4737。没有坐标就无法推荐人选。', newOne: '新客户', type: '工作类型',
    priority: '紧急程度', summary: '问题', details: '详情', noHours: '未填时间则不作承诺。', create: '创建并选人',
    where: '请先搜索并选择地点。', noName: '是谁？请填写姓名。', noAddress: '在哪里？请填写地址。', kind: '请选择工作类型。', badPlace: '两个数字：纬度, 经度。',
    over: '此时间已过。请更改，或仍然创建。', anyway: '仍然创建',
    elsewhere: '工单已创建。它不在您的区域内，由该区域的调度员处理。', kept: '之前未完成的草稿仍在这里。', discard: '放弃草稿',
  },
);
