"""Mails by SMTP. A mail that is handed over again has the same Message-ID, by which receivers tell a repetition."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from app.kernel import clock
from app.notices.settings import Settings
from app.notices.ways.message import Message, NotSent, Refused

TIMEOUT_S = 10
PERMANENT = range(500, 600)


def send(message: Message, told: Settings) -> None:
    """Hands a mail to the server. Raises NotSent or Refused."""
    try:
        mail = mail_of(message, told.mail_from)
    except (ValueError, UnicodeError) as error:
        raise Refused(f"this cannot be written as a mail: {error}") from None
    try:
        with _connected(urlsplit(str(told.smtp_url))) as server:
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        kind = Refused if all(code in PERMANENT for code in codes) else NotSent
        raise kind(f"the mail server refused the address: {sorted(codes)}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"the mail server did not take it: {error}") from error


def mail_of(message: Message, sender: str) -> EmailMessage:
    """The mail as it is sent. Raises ValueError for an address or subject that would break its head."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.to, message.subject
    mail["Date"] = format_datetime(clock.now())
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Content-Language"] = message.language
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail


def _connected(url: SplitResult) -> smtplib.SMTP:
    """A session with the server; raises OSError or SMTPException. A password never goes over an open line."""
    host, trusted = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_S, context=trusted)
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT_S)
    try:
        server.ehlo()
        if url.scheme != "smtps" and (server.has_extn("starttls") or url.username):
            server.starttls(context=trusted)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server
