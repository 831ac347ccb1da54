import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd, type ServerTls } from '../../scripts/provide/private-server.ts';
import { programPath } from '../../scripts/provide/system-packages.ts';

const OPENSSL = { name: 'OpenSSL', program: 'openssl', folders: ['/usr/bin'], package: 'openssl' };
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Somebody who vouches for servers. */
export type Authority = {
  /** The file with its certificate. */
  readonly file: string;
  /** Makes a certificate for somebody, such as a host, with its key. @param days how long it is valid from now on */
  readonly vouchFor: (name: string, days?: number) => ServerTls;
};

/** Makes an authority that nobody knows but who has its file; everything lies in one folder. */
export function makeAuthority(folder: string, name: string): Authority {
  const openssl = programPath(OPENSSL);
  const path = (ending: string) => join(folder, `${name}.${ending}`);
  const run = (...words: readonly string[]) => runToEnd(openssl, words, {}, folder);
  const settings = [
    '[req]',
    'distinguished_name = name',
    '[name]',
    '[authority]',
    'basicConstraints = CA:TRUE',
  ];
  writeFileSync(path('cnf'), settings.join('\n'));
  const request = ['req', '-config', path('cnf'), ...NEW_KEY];
  const own = ['-x509', '-extensions', 'authority', '-days', '2', '-subj', `/CN=${name}`];
  run(...request, ...own, '-keyout', path('key'), '-out', path('pem'));
  return {
    file: path('pem'),
    vouchFor: (whom, days = 2) => {
      const file = (ending: string) => path(`${whom}.${ending}`);
      writeFileSync(file('cnf'), `subjectAltName = DNS:${whom}\n`);
      run(...request, '-subj', `/CN=${whom}`, '-keyout', file('key'), '-out', file('csr'));
      const issuer = ['-CA', path('pem'), '-CAkey', path('key'), '-set_serial', '1', '-days', String(days)];
      run('x509', '-req', '-in', file('csr'), ...issuer, '-extfile', file('cnf'), '-out', file('pem'));
      const [certificate = '', key = '', authority = ''] = [file('pem'), file('key'), path('pem')].map(
        (name) => readFileSync(name, 'utf8'),
      );
      return { certificate, key, authority };
    },
  };
}
