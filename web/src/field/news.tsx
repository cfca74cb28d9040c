import { dictionary } from '@shared/i18n';
import { Notice } from '@shared/ui';
import { push, wantPush } from './push';

const t = dictionary(
  {
    title: 'News',
    want: 'Tell me of new and changed work while the app is closed',
    hint: 'What is shown on the locked screen names no customer. The app works without it.',
    denied: 'This phone does not allow Callout to show messages. You can change that in the settings of the browser.',
    unsupported: 'This browser can only be told while the app is open. On an iPhone, install the app first.',
    failed: 'The message service cannot be reached just now. It is tried again when the app starts next.',
  },
  {
    title: '消息',
    want: '应用关闭时也通知我新任务和变动',
    hint: '锁屏上不会显示客户信息。不开启也可正常使用。',
    denied: '本手机不允许 Callout 显示通知，可在浏览器设置中更改。',
    unsupported: '此浏览器只能在应用打开时收到消息。iPhone 请先安装应用。',
    failed: '暂时无法连接消息服务，下次启动应用时会重试。',
  },
);

/** Whether this phone is told of work while nobody looks at it. */
export function News() {
  const { value } = push;
  return (
    <section class="card stack">
      <h2>{t('title')}</h2>
      {value !== 'unsupported' && (
        <label class="switch">
          <input type="checkbox" checked={value === 'on'} onChange={(event) => wantPush(event.currentTarget.checked)} />
          {t('want')}
        </label>
      )}
      <p>{t('hint')}</p>
      {value !== 'on' && value !== 'off' && <Notice kind="warn">{t(value)}</Notice>}
    </section>
  );
}
