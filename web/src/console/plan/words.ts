import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    title: 'Plan days',  date: 'Day', lock: 'What stands still', started: 'Begun visits', dispatched: 'What was sent out', none: 'Nothing', stability: 'Keep the present plan', free: 'free', keep: 'keep',
    time: 'Seconds to think', run: 'Make a plan', stop: 'Stop with the best so far', running: 'Planning…', earlier: 'Earlier plans', made: '{time} · {status}',
    queued: 'queued', running_: 'running', done: 'ready', stopped: 'stopped early', failed: 'failed', applied: 'applied',
    days: 'How many days', daysN: { one: 'One day', other: '{n} days' }, until: '{from} to {to}', slack: 'Kept free on days after today, %', slackHint: 'At the end of each shift, for what nobody knows of yet.', slackKept: '{n} % of each shift after today is kept free for what nobody knows of yet.',
    placed: 'Placed', left: 'Left over', drive: 'Driving', overtime: 'Overtime', late: 'Past deadlines', upTo: '{n}, up to {time}', moved: 'Moved', broken: 'Promises broken', was: 'before: {value}',
    dayRoutes: { one: 'One visit, {drive} driving', other: '{n} visits, {drive} driving' }, allDays: 'Whoever is ticked is applied on all days of the plan.', asItWas: 'Nothing changes on this day.', whole: 'The whole day',
    elsewhere: { one: 'One waiting visit belongs to another day', other: '{n} waiting visits belong to another day' }, later: 'not before {time}', ends: 'until {time}', gone: 'its window ended {time}: promise another one', andMore: 'and {n} more', overdue: 'its deadline has been over for {time}',
    changes: { one: 'One change', other: '{n} changes' }, assigned: 'new', moved_: 'from {name}', retimed: 'was {time}', unassigned: 'loses its place', nochange: 'No change for anybody: today’s plan is already as good as what was found.',
    apply: 'Apply what is ticked', all: 'All', nobody: 'None', publish: 'Send to the phones at once', discard: 'Discard', discarded: 'The proposal is put aside; nothing was changed.', appliedDone: { one: 'Applied for one engineer.', other: 'Applied for {n} engineers.' },
    strains: { one: 'One strain in what stands still', other: '{n} strains in what stands still' },
    unplaced: 'No place for these, and why', cheapest: 'Cheapest way: {detail}', moves: 'The ground has moved since: make a new plan.', promised: 'promised {time}', breaks: 'breaks its promise',
    empty: 'No plan yet', emptyMore: 'A plan places what waits, and says what it cannot place and why. Nothing changes until you apply it.', already: 'applied', minutes: '{n} min', hours: '{h} h {m} min', route: { one: 'One visit, {drive} driving', other: '{n} visits, {drive} driving' },
  },
  {
    title: '规划', date: '日期', lock: '保持不动', started: '已开始的上门', dispatched: '已派发的', none: '无', stability: '保持现有计划', free: '自由', keep: '保持',
    time: '计算秒数', run: '生成计划', stop: '停止并取当前最优', running: '正在规划…', earlier: '之前的计划', made: '{time} · {status}',
    queued: '排队中', running_: '进行中', done: '已就绪', stopped: '提前停止', failed: '失败', applied: '已应用',
    days: '天数', daysN: '{n} 天', until: '{from} 至 {to}', slack: '今天之后每班预留，%', slackHint: '留在每个班次末尾，供突发工作使用。', slackKept: '今天之后每个班次预留 {n}% 供突发工作使用。',
    placed: '已安排', left: '未安排', drive: '车程', overtime: '加班', late: '超期', upTo: '{n} 个，最长 {time}', moved: '变动', broken: '违背承诺数', was: '之前：{value}',
    dayRoutes: '{n} 个上门，车程 {drive}', allDays: '勾选的工程师将应用其计划内的所有日期。', asItWas: '这一天没有变化。', whole: '全天路线',
    elsewhere: '{n} 个待安排的上门属于其他日期', later: '不早于 {time}', ends: '截至 {time}', gone: '时间窗已于 {time} 结束：请重新约定', andMore: '另有 {n} 个', overdue: '期限已超过 {time}',
    changes: { one: '1 处变化', other: '{n} 处变化' }, assigned: '新增', moved_: '原属 {name}', retimed: '原为 {time}', unassigned: '失去安排', nochange: '无变化：当前计划已足够好。',
    apply: '应用所选', all: '全选', nobody: '全不选', publish: '立即发送到手机', discard: '放弃', discarded: '方案已搁置，未作任何更改。', appliedDone: { one: '已应用到 1 名工程师。', other: '已应用到 {n} 名工程师。' },
    strains: { one: '固定上门中有 1 处问题', other: '固定上门中有 {n} 处问题' },
    unplaced: '无法安排的工作及原因', cheapest: '最省办法：{detail}', moves: '情况已变化：请重新规划。', promised: '承诺 {time}', breaks: '违背承诺',
    empty: '尚无计划', emptyMore: '计划会安排待处理的工作，并说明哪些无法安排及原因。应用之前不会有任何更改。', already: '已应用', minutes: '{n} 分钟', hours: '{h} 小时 {m} 分', route: '{n} 个上门，车程 {drive}',
  },
);
