import { session } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { dismissLoss, lost } from './data/kept';

const t = dictionary(
  {
    title: 'The browser has cleared what this phone kept.',
    again: 'Your work is loaded from the server again.',
    nothing: 'Everything had been sent: nothing is missing.',
    changes: { one: 'One thing that you did had not been sent and is lost.', other: '{n} things that you did had not been sent and are lost.' },
    files: { one: 'One photo or voice note is lost.', other: '{n} photos or voice notes are lost.' },
    look: 'Look through your visits of today and do again what is missing. Install the app to prevent this.',
    understood: 'I have read it',
  },
  {
    title: '浏览器清除了本手机上保存的内容。',
    again: '正在从服务器重新下载您的任务。',
    nothing: '之前已全部发送，没有缺失。',
    changes: '您有 {n} 项操作尚未发送，已丢失。',
    files: '有 {n} 个照片或语音备注已丢失。',
    look: '请检查今天的任务，并补做缺失的内容。安装应用可避免这种情况。',
    understood: '我已知晓',
  },
);

/** Says what was lost when the browser cleared this phone's storage, until it was read. */
export function Loss() {
  if (!lost.value) return null;
  const { unsent, files } = lost.value;
  return (
    <div class="loss">
      <Notice kind={unsent || files ? 'bad' : 'warn'}>
        <div class="stack tight">
          <strong>{t('title')}</strong>
          <p>{t('again')}</p>
          {unsent > 0 && <p>{t('changes', { n: unsent })}</p>}
          {files > 0 && <p>{t('files', { n: files })}</p>}
          <p>{t(unsent || files ? 'look' : 'nothing')}</p>
          <Button onClick={() => dismissLoss(session.current.value!.deviceId)}>{t('understood')}</Button>
        </div>
      </Notice>
    </div>
  );
}
