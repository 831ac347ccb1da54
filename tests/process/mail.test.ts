import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import { existingDatabase } from '../kit/databases.ts';
import { outboxOf, queueNotices, startRelay, startSmtp } from '../kit/mail.ts';
import { startServerProcess } from '../kit/processes.ts';
import { deliverMail, SECRET_KEY, startSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';

const MAIL_FROM = 'login@example.org';

describe('a server that sends mail', () => {
  it('loses none when it is killed: another server sends each once after the lease has expired', async () => {
    using folder = temporaryFolder();
    await using smtp = await startSmtp();
    await using relay = await startRelay(smtp);
    const databaseUrl = `sqlite:${folder.path}/latchkey.db`;
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using other = await startSystem(options, existingDatabase(databaseUrl));
    await queueNotices(other, 3);
    relay.breaks = 'silence';
    const environment = { DATABASE_URL: databaseUrl, SECRET_KEY, SMTP_URL: relay.url, MAIL_FROM };
    await using killed = await startServerProcess(folder.path, environment);
    await until('it has taken all of them', async () =>
      (await outboxOf(other)).every(({ lease }) => lease !== null),
    );
    killed.program.send('SIGKILL');
    await killed.program.ended;
    // Its clock is the real one.
    const leases = (await outboxOf(other)).map(({ due_at }) => Number(due_at) - other.clock.read());
    assert.equal(await deliverMail(other), 0, 'it may still be at work');
    other.clock.advance(Math.max(...leases));
    assert.equal(await deliverMail(other), 3);
    assert.equal(smtp.received.length, 3);
  });

  it('sends queued mail at once, without being asked', async () => {
    using folder = temporaryFolder();
    await using smtp = await startSmtp();
    const environment = { SECRET_KEY, SMTP_URL: smtp.url, MAIL_FROM };
    await using running = await startServerProcess(folder.path, environment);
    const url = `sqlite:${folder.path}/data/latchkey.db`;
    await using other = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, existingDatabase(url));
    await queueNotices(other);
    await until('the mail arrives', () => smtp.received.length === 1);
    running.program.send('SIGTERM');
    assert.equal((await running.program.ended).status, 0, 'its connections do not keep it alive');
  });
});
