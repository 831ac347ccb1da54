import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, CommandError, UsageError } from '../platform/command-line/index.ts';
import { DAY, HOUR, systemClock } from '../platform/runtime/index.ts';
import { DEVELOPMENT_SECRET_FILE, developmentSecret } from '../platform/settings/index.ts';
import { settingDefinitions } from '../read-settings.ts';

const HOSTS = ['localhost', '127.0.0.1', '::1'];
/** Browsers accept at most 398 days. */
const LIFETIME = 90 * DAY;
const DATA_FOLDER = 'data';

export const devCert: Command = {
  name: 'dev-cert',
  summary: 'Make a certificate to try https on this machine; browsers warn about it once.',
  options: {
    folder: { type: 'string', explanation: 'Where to put it and its key; data by default.' },
    replace: { type: 'boolean', explanation: 'Replace an existing one.' },
  },
  run: async ({ folder, replace }) => {
    const target = typeof folder === 'string' && folder !== '' ? folder : DATA_FOLDER;
    const [certificate, key] = [join(target, 'dev-cert.pem'), join(target, 'dev-key.pem')];
    const present = [certificate, key].find((file) => existsSync(file));
    if (present !== undefined && replace !== true)
      throw new UsageError(`${present} is there already; --replace makes a new one`);
    const now = systemClock();
    // An hour earlier, in case the clock of another machine is behind.
    const [validFrom, validTo] = [new Date(now - HOUR), new Date(now + LIFETIME)];
    const { createSelfSigned } = await import('./self-signed.ts').catch(explainMissingPackage);
    const made = await createSelfSigned({ title: 'Latchkey development', hosts: HOSTS, validFrom, validTo });
    write(key, made.key, 0o600);
    write(certificate, made.certificate, 0o644);
    // On https: the secret must be named.
    developmentSecret(settingDefinitions.databaseUrl.fallback);
    const settings = { TLS_CERT: certificate, TLS_KEY: key, SECRET_KEY_FILE: DEVELOPMENT_SECRET_FILE };
    const json = { hosts: HOSTS, validTo: validTo.toISOString(), settings };
    return { json, text: explain(settings, validTo) };
  },
};

// Only this command needs the packages that write certificates, so an installation need not have them.
function explainMissingPackage(error: unknown): never {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (!isMissing) throw error;
  throw new CommandError(
    'dev-cert needs two packages; run: npm install --save-dev pkijs asn1js (or make both files with mkcert)',
  );
}

// Renaming is atomic: a running server reads either the old file or the new one.
function write(file: string, text: string, mode: number): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, text, { mode, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`${file} cannot be written (${code}); give a folder of yours by --folder`);
  }
}

function explain(settings: Readonly<Record<string, string>>, validTo: Date): readonly string[] {
  const certificate = settings['TLS_CERT'];
  return [
    `Made a certificate for ${HOSTS.join(', ')}; it ends on ${validTo.toISOString().slice(0, 10)}.`,
    'Put these lines into .env, then start the server:',
    '',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    '',
    'It is then at https://localhost:3000, or the PORT that you set. Browsers warn of a certificate that no',
    `known authority signed, unless you make them trust ${certificate}. Other programs take it by`,
    `curl --cacert ${certificate} or NODE_EXTRA_CA_CERTS=${certificate}`,
  ];
}
