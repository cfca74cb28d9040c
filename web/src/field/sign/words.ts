import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'Report to sign',
    intro: 'Please read the report. Your signature covers exactly what is shown here.',
    name: 'Name of the person who signs',
    role: 'In which role',
    customer: 'Customer', tenant: 'Tenant', caretaker: 'Caretaker', colleague: 'Employee',
    consent: 'I confirm that the work described above was done and that I have read this report.',
    sign: 'Sign',
    refuse: 'The customer does not sign',
    why: 'Why not?',
    notHere: 'Nobody is here to sign', disagrees: 'Does not agree with the work', noTime: 'Has no time',
    keepRefusal: 'Record it',
    nameMissing: 'Please say who signs.',
    padEmpty: 'Please sign in the field.',
  },
  {
    title: '待签字报告',
    intro: '请阅读报告。您的签字只对此处显示的内容生效。',
    name: '签字人姓名',
    role: '身份',
    customer: '客户', tenant: '租户', caretaker: '物业', colleague: '员工',
    consent: '本人确认上述工作已经完成，并已阅读本报告。',
    sign: '确认签字',
    refuse: '客户不签字',
    why: '原因',
    notHere: '现场无人签字', disagrees: '对工作有异议', noTime: '没有时间',
    keepRefusal: '记录',
    nameMissing: '请填写签字人姓名。',
    padEmpty: '请在签字区签字。',
  },
);
