import { dictionary } from '@shared/i18n';

export const t = dictionary(
  {
    map: 'Map', state: 'Visits', all: 'All', waiting: 'Waiting', planned: 'Planned', underway: 'Under way', done: 'Done', skill: 'Skill', anySkill: 'Any skill', routes: 'Planned routes', routeOf: 'Planned route of whom you choose',
    goTo: 'Go to an engineer', track: 'Show the track of this day', trackNote: 'Reading a track is written to the audit log.', hide: 'Hide the track', gap: '{n} gaps', driven: '{km} km, {n} stops',
    seen: 'seen {age} ago', never: 'No position', close: 'Close', noGl: 'This browser cannot draw maps (WebGL is missing). Board and queue have everything that the map shows.', noPosition: 'Nobody has sent a position yet.',
    legend: 'Legend', here: 'Engineer, position fresh', stale: 'Engineer, position old', opened: 'Blue ring: the visit that is open', attribution: 'Outlines: Natural Earth', silent: 'Places without signal', silentAt: { one: 'One place from which most of what phones recorded came late', other: '{n} places from which most of what phones recorded came late' },
    next: 'next {time}', free: 'free', noBase: 'The map’s background cannot be had just now; outlines are drawn instead.',
    urgency: 'Colour: how urgent; a heap shows the most urgent that waits in it', ring: 'Red ring: at risk', large: 'Larger: waits for somebody',
    pick: 'Click the place on the map.', picked: 'Place chosen on the map',
  },
  {
    map: '地图', state: '上门', all: '全部', waiting: '待安排', planned: '已排', underway: '进行中', done: '已结束', skill: '技能', anySkill: '任意技能', routes: '计划路线', routeOf: '所选工程师的计划路线',
    goTo: '定位工程师', track: '显示当天轨迹', trackNote: '查看轨迹会写入审计日志。', hide: '隐藏轨迹', gap: '{n} 处缺口', driven: '{km} 公里，{n} 次停留',
    seen: '{age}前', never: '无位置', close: '关闭', noGl: '此浏览器无法绘制地图（缺少 WebGL）。排程板和队列包含地图上的全部内容。', noPosition: '尚无人上报位置。',
    legend: '图例', here: '工程师，位置新', stale: '工程师，位置旧', opened: '蓝圈：当前打开的上门', attribution: '轮廓：Natural Earth', silent: '无信号地点', silentAt: '{n} 处地点的手机记录大多迟到',
    next: '下一个 {time}', free: '空闲', noBase: '暂时无法加载地图底图，改为绘制轮廓。',
    urgency: '颜色：紧急程度；聚合点显示其中最紧急的待安排上门', ring: '红圈：有风险', large: '较大：等待安排',
    pick: '请在地图上点击位置。', picked: '地图上所选位置',
  },
);
