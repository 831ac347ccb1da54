import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DAY, HOUR, systemClock } from '../platform/runtime/clock.ts';
import { developmentSecret } from '../platform/settings/secret-key.ts';
import { settingDefinitions } from '../settings.ts';
import { selfSignedCertificate } from './certificate/self-signed.ts';
import { type Command, jsonOption, UsageError } from './command.ts';

const HOSTS = ['localhost', '127.0.0.1', '::1'];
/** Less than the 398 days that browsers take at most, and long enough for a project. */
const LIFETIME = 90 * DAY;
const DATA_FOLDER = 'data';
// Where the secret of development lies, which https asks for by name.
const SECRET_FILE = 'data/secret.key';

export const devCert: Command = {
  name: 'dev-cert',
  summary: 'Make a certificate for https on this machine, to try it; browsers warn of it once.',
  options: {
    folder: { type: 'string', explanation: 'Where to put it and its key; data without.' },
    replace: { type: 'boolean', explanation: 'Make a new one where there is one already.' },
    json: jsonOption,
  },
  run: async ({ folder, replace, json }) => {
    const place = typeof folder === 'string' && folder !== '' ? folder : DATA_FOLDER;
    const files = { certificate: join(place, 'dev-cert.pem'), key: join(place, 'dev-key.pem') };
    const present = Object.values(files).find((file) => existsSync(file));
    if (present !== undefined && replace !== true)
      throw new UsageError(`${present} is there already; --replace makes a new one`);
    const validTo = make(files);
    developmentSecret(settingDefinitions.databaseUrl.fallback);
    const settings = { TLS_CERT: files.certificate, TLS_KEY: files.key, SECRET_KEY_FILE: SECRET_FILE };
    if (json === true) {
      console.log(JSON.stringify({ hosts: HOSTS, validTo: new Date(validTo).toISOString(), settings }));
      return;
    }
    tell(settings, validTo);
  },
};

type Files = { readonly certificate: string; readonly key: string };

/** @returns when the certificate ends, in milliseconds since 1970 */
function make(files: Files): number {
  const now = systemClock();
  // An hour earlier, for whoever tries it from a machine whose clock is behind.
  const [validFrom, validTo] = [now - HOUR, now + LIFETIME];
  const made = selfSignedCertificate({ title: 'Latchkey development', hosts: HOSTS, validFrom, validTo });
  write(files.key, made.key, 0o600);
  write(files.certificate, made.certificate, 0o644);
  return validTo;
}

/** A server that reads the file meanwhile finds the old one or the new one, and never half of either. */
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

function tell(settings: Readonly<Record<string, string>>, validTo: number): void {
  const lines = [
    `Made a certificate for ${HOSTS.join(', ')}; it ends on ${new Date(validTo).toISOString().slice(0, 10)}.`,
    'Put these lines into .env, then start the server:',
    '',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    '',
    'It is then at https://localhost:3000, or the PORT that you set. Browsers warn of a certificate that nobody',
    `vouches for, unless you tell them to trust ${settings['TLS_CERT']}. Other programs take it by`,
    `curl --cacert ${settings['TLS_CERT']} or NODE_EXTRA_CA_CERTS=${settings['TLS_CERT']}`,
  ];
  console.log(lines.join('\n'));
}
