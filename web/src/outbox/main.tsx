import './outbox.css';
import { useEffect, useState } from 'preact/hooks';
import type { components } from '@api';
import { api, inWords, result, session } from '@shared/api';
import { dictionary, formatTime } from '@shared/i18n';
import { start } from '@shared/start';
import { Button, Notice } from '@shared/ui';
import { SignedIn } from '@shared/ui/shell';
import { LanguageSwitch, ThemeSwitch } from '@shared/ui/switches';

type Message = components['schemas']['Notice'];

const t = dictionary(
  {
    title: 'Outbox of the demo',
    intro: 'What customers were told, the newest first. Where no gateway is set up nothing has left this server: a demo shows it here.',
    none: 'Nothing has been told yet. Give a visit to an engineer, and its customer is told.',
    refresh: 'Look again',
    sms: 'Text', email: 'Mail',
    planned: 'visit is planned', unplanned: 'plan was taken back', called_off: 'visit is cancelled', on_the_way: 'somebody is on the way', arrived: 'somebody is there', report: 'report', answer: 'the office has written',
    code: 'one-time code',
    waiting: 'waits', sent: 'sent', shown: 'only shown here', failed: 'failed', withdrawn: 'taken back',
    sealed: 'The text of a code that leaves the server is its receiver’s alone.',
  },
  {
    title: '演示发件箱',
    intro: '发给客户的消息，最新的在前。未设置网关时，消息不会离开本服务器，仅在此展示。',
    none: '尚无消息。给工程师派一个任务，客户就会收到通知。',
    refresh: '刷新',
    sms: '短信', email: '邮件',
    planned: '上门已安排', unplanned: '安排已撤回', called_off: '上门已取消', on_the_way: '工程师在路上', arrived: '工程师已到达', report: '服务报告', answer: '服务商留言',
    code: '验证码',
    waiting: '等待发送', sent: '已发送', shown: '仅在此展示', failed: '发送失败', withdrawn: '已撤回',
    sealed: '真正发出的验证码只有收件人可见。',
  },
);
const MOMENT = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;
const LINK = /(https?:\/\/[^\s，。]+)/;

/** The messages to customers as they were written, for whoever tries a demo and plays all parts. */
function Outbox() {
  const [messages, setMessages] = useState<Message[] | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const look = () => result(api.GET('/api/v1/notices')).then((it) => (setMessages(it.items), setFault(null)), setFault);
  useEffect(() => void look(), []);
  return (
    <main class="outbox stack">
      <header class="row">
        <span class="brand grow">Callout</span>
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <h1>{t('title')}</h1>
      <p>{t('intro')}</p>
      {fault != null && <Notice kind="bad">{inWords(fault)}</Notice>}
      {messages?.length === 0 && <Notice>{t('none')}</Notice>}
      <ul class="letters">{messages?.map((message) => <Letter key={message.id} message={message} />)}</ul>
      <Button onClick={look}>{t('refresh')}</Button>
    </main>
  );
}

function Letter({ message }: { message: Message }) {
  const { created_at, channel, address, kind, state, subject, body, fault, language } = message;
  return (
    <li class="card stack">
      <span class="soft">
        {formatTime(created_at!, { ...MOMENT, timeZone: zone() })} · {t(channel as 'sms')} → {address} · {t(kind as 'code')} · {t(state as 'sent')}
      </span>
      {channel === 'email' && <strong lang={language}>{subject}</strong>}
      <p class="body" lang={body ? language : undefined}>{body ? linked(body) : t('sealed')}</p>
      {fault && <Notice kind="warn">{fault}</Notice>}
    </li>
  );
}

/** The zone of the organisation, in which the messages speak. */
const zone = () => session.current.value?.user.organisation?.timezone ?? 'UTC';

/** A text with its addresses to press on. */
function linked(body: string) {
  return body.split(LINK).map((part, place) => (place % 2 ? <a key={place} href={part}>{part}</a> : part));
}

start(<SignedIn><Outbox /></SignedIn>, () => `${t('title')} · Callout`);
