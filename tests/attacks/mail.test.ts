import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { outgoingMail } from '../../src/platform/mail/index.ts';
import { mailSettings, type SmtpServer } from '../../src/platform/mail/settings.ts';
import { openSmtp, type SmtpPatience } from '../../src/platform/mail/smtp.ts';
import { START_OF_TESTS, until } from '../kit/clock.ts';
import { outboxOf, queueNotices, startRelay, startSmtp } from '../kit/mail.ts';
import { deliverMail, startSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';
import { createAuthority } from '../kit/wire.ts';

function serverAt(url: string): SmtpServer {
  return mailSettings.smtpUrl.schema.parse(url);
}

const MAIL = outgoingMail({
  id: '019b796d-d600-7923-92fb-871f05bbd163',
  recipient: 'ada@example.org',
  from: { name: 'Example', address: 'login@example.org' },
  createdAt: START_OF_TESTS,
  content: { subject: 'Grüße, Ada', text: 'Hello — Ada\n', html: '<p>Hello — Ada</p>' },
});

async function sendTo(url: string, mail = MAIL, patience?: SmtpPatience) {
  const smtp = openSmtp(serverAt(url), null, patience);
  try {
    return await smtp.send(mail);
  } finally {
    smtp.close();
  }
}

// This machine under a name that is not a loopback name: mail to it must be encrypted.
const ELSEWHERE = '0.0.0.0';

describe('an outgoing mail', () => {
  it('has its date, its sender and the Auto-Submitted header, and its content as text and HTML', async () => {
    await using smtp = await startSmtp();
    assert.deepEqual(await sendTo(smtp.url), { kind: 'sent' });
    const [{ parsed, raw = '', to } = { parsed: undefined, to: [] }] = smtp.received;
    assert.deepEqual(to, ['ada@example.org']);
    assert.equal(parsed?.subject, 'Grüße, Ada');
    assert.equal(parsed?.text, 'Hello — Ada\n');
    assert.equal(parsed?.html, '<p>Hello — Ada</p>');
    assert.equal(parsed?.from?.text, '"Example" <login@example.org>');
    assert.equal(parsed?.messageId, `<019b796d-d600-7923-92fb-871f05bbd163@example.org>`);
    assert.equal(parsed?.date?.getTime(), START_OF_TESTS);
    assert.match(raw, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(raw, /^Content-Type: multipart\/alternative/m);
    assert.doesNotMatch(raw, /^(?:List-Unsubscribe|X-Mailer|Bcc|Cc|Received)/im);
  });

  it('A32: goes to one recipient, and is refused when its address could name several', async () => {
    await using smtp = await startSmtp();
    const tricks = [
      'a@x.org,b@y.org',
      'a@x.org\r\nRCPT TO:<eve@evil.example>',
      'A <a@x.org>',
      'a@x.org b@y.org',
      '',
    ];
    for (const to of tricks) assert.equal((await sendTo(smtp.url, { ...MAIL, to })).kind, 'refused', to);
    assert.deepEqual(smtp.received, []);
  });

  it('A32: has no header that is injected through its subject or sender name', async () => {
    await using smtp = await startSmtp();
    const subject = 'Hello\r\nBcc: eve@evil.example\r\n\r\nbody';
    await sendTo(smtp.url, { ...MAIL, subject, from: { ...MAIL.from, name: 'A\r\nBcc: eve@evil.example' } });
    const [mail] = smtp.received;
    assert.deepEqual(mail?.to, ['ada@example.org']);
    assert.doesNotMatch(String(mail?.raw), /^Bcc:/im);
  });

  it('is signed with DKIM when a key is given', async () => {
    await using smtp = await startSmtp();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const dkim = { domain: 'example.org', selector: 'mail2026', privateKey: pem };
    const signing = openSmtp(serverAt(smtp.url), dkim);
    await signing.send(MAIL);
    signing.close();
    const signature = smtp.received[0]?.raw.replace(/\r\n\s+/g, ' ') ?? '';
    assert.match(signature, /^DKIM-Signature: .*a=rsa-sha256;.*d=example\.org;.*s=mail2026;/m);
    assert.match(signature, /\bh=[^;]*From:[^;]*To:?/i);
  });
});

describe('mail to another machine', () => {
  it('is never sent unencrypted, nor is the password of the mail server', async () => {
    await using smtp = await startSmtp();
    let isAsked = false;
    await using greedy = await startSmtp({
      onAuth: (_auth, _session, done) => {
        isAsked = true;
        done(null, { user: 'x' });
      },
      allowInsecureAuth: true,
    });
    assert.equal((await sendTo(`smtp://${ELSEWHERE}:${smtp.port}`)).kind, 'unreachable');
    assert.equal((await sendTo(`smtp://user:secret@${ELSEWHERE}:${greedy.port}`)).kind, 'unreachable');
    assert.deepEqual([...smtp.received, ...greedy.received, isAsked], [false]);
  });

  it('P23: is sent in development to a catcher without TLS, and never with a password', async () => {
    await using smtp = await startSmtp();
    const server = { ...serverAt(`smtp://${ELSEWHERE}:${smtp.port}`), encryption: 'if-offered' } as const;
    const catcher = openSmtp(server, null);
    assert.equal((await catcher.send(MAIL)).kind, 'sent');
    catcher.close();
    assert.deepEqual(
      smtp.received.map(({ isEncrypted }) => isEncrypted),
      [false],
    );
  });

  it('is sent over TLS, and only to a server with a valid certificate', async () => {
    using folder = temporaryFolder();
    const { certificate, key } = createAuthority(folder.path, 'unknown').issueCertificate('localhost');
    const known = createAuthority(folder.path, 'known');
    const good = known.issueCertificate('localhost');
    await using strange = await startSmtp({ key, cert: certificate });
    await using trusted = await startSmtp({ key: good.key, cert: good.certificate });
    await using implicit = await startSmtp({ secure: true, key: good.key, cert: good.certificate });
    const ca = `?ca=${known.file}`;
    const [one, other] = [
      await sendTo(`smtp://localhost:${trusted.port}${ca}`),
      await sendTo(`smtps://login:p%40ss%3Aword@localhost:${implicit.port}${ca}`),
    ];
    assert.deepEqual([one, other], [{ kind: 'sent' }, { kind: 'sent' }]);
    assert.ok([...trusted.received, ...implicit.received].every(({ isEncrypted }) => isEncrypted));
    assert.equal(implicit.received[0]?.user, 'login');
    const refused = [
      `smtp://localhost:${strange.port}${ca}`,
      `smtp://${ELSEWHERE}:${strange.port}`,
      // The right authority, and another name.
      `smtp://${ELSEWHERE}:${trusted.port}${ca}`,
      `smtps://localhost:${implicit.port}`,
    ];
    for (const url of refused) assert.equal((await sendTo(url)).kind, 'unreachable', url);
    assert.deepEqual([strange.received, trusted.received.length, implicit.received.length], [[], 1, 1]);
  });
});

describe('a mail server that is slow or broken', () => {
  it('P25: has minutes to accept a mail that it has received, and then counts as having deferred it', async () => {
    let accept = () => {};
    const held = new Promise<void>((resolve) => {
      accept = resolve;
    });
    await using smtp = await startSmtp({}, 0, held);
    const begin = performance.now();
    const sending = sendTo(smtp.url, MAIL, { connect: 5_000, handOver: 2_000, acceptance: 60_000 });
    await until('the time to hand the mail over has passed', () => performance.now() > begin + 2_200);
    accept();
    assert.deepEqual(await sending, { kind: 'sent' });
    await using silent = await startSmtp({}, 0, new Promise<void>(() => {}));
    const outcome = await sendTo(silent.url, MAIL, { connect: 30_000, handOver: 30_000, acceptance: 100 });
    assert.equal(outcome.kind, 'deferred');
    assert.equal(silent.received.length, 1);
  });

  it('is abandoned in time, and can be sent the mail later', async () => {
    await using smtp = await startSmtp();
    await using relay = await startRelay(smtp);
    const shortTimeouts = { connect: 100, handOver: 200, acceptance: 200 };
    relay.breaks = 'silence';
    assert.equal((await sendTo(relay.url, MAIL, shortTimeouts)).kind, 'unreachable');
    relay.breaks = 'at-data';
    assert.equal((await sendTo(relay.url)).kind, 'unreachable');
    relay.breaks = null;
    assert.deepEqual(await sendTo(relay.url), { kind: 'sent' });
    assert.equal(smtp.received.length, 1);
  });

  it('A58: neither fails nor delays the requests of visitors', async () => {
    await using smtp = await startSmtp();
    await using relay = await startRelay(smtp);
    const options = { smtpUrl: relay.url, mailFrom: 'login@example.org', email: 'optional' };
    await using system = await startSystem(options);
    relay.breaks = 'silence';
    await queueNotices(system, 3);
    const delivery = deliverMail(system);
    const ada = system.visitor();
    assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
    await queueNotices(system);
    assert.equal((await outboxOf(system)).length, 4, 'none was sent while all of that went on');
    await relay[Symbol.asyncDispose]();
    assert.equal(await delivery, 0);
    assert.equal((await outboxOf(system)).length, 4);
  });
});
