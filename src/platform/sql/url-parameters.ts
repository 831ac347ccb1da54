import { z } from 'zod';
import { resultOrNull } from '../runtime/index.ts';
import { nearestName } from '../text/index.ts';

// The parameters that platforms, object mappers and drivers of other languages put into database URLs. The list is
// explicit: a misspelt `sslmode` must not be ignored, and what would weaken the connection is refused.

/** How a certificate is verified: not at all, by its authority, or by its authority and its host name. */
export type TlsMode = 'off' | 'encrypted' | 'authority' | 'identity';

/** What parameters say. */
export type Given = {
  readonly mode?: TlsMode;
  /** TLS is to be used, by a word that does not say how certificates are verified. */
  readonly isOn?: true;
  readonly isOff?: true;
  /** Certificates are to be verified, whatever the mode says. */
  readonly isStrict?: true;
  /** The authorities that the system trusts. */
  readonly isSystem?: true;
  readonly minTlsVersion?: 'TLSv1.3';
  readonly authorityFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  readonly channelBinding?: 'require' | 'prefer';
  readonly startsWithTls?: true;
  readonly socketPath?: string;
  readonly hosts?: string;
  readonly ports?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly isPooled?: true;
  readonly serverOptions?: string;
  readonly applicationName?: string;
};

/** What a value says, or what is wrong with it: the text goes on after the name of the parameter. */
type Reader = (value: string) => Given | string;

type Parameters = Readonly<Record<string, Reader>>;

const refused =
  (reason: string): Reader =>
  () =>
    `, ${reason}`;

const text =
  (key: keyof Given): Reader =>
  (value) =>
    value === '' ? ', which is empty; give its value, or leave it out' : { [key]: value };

/** One of some words, in any case and with any hyphens; each says something, or is refused for a reason. */
function words(all: Readonly<Record<string, Given | string>>): Reader {
  const fitting = Object.keys(all).filter((word) => typeof all[word] !== 'string');
  return (value) => {
    const word = Object.keys(all).find((one) => folded(one) === folded(value));
    const meaning = word === undefined ? undefined : all[word];
    if (meaning === undefined) return `, whose value is not known; give one of ${fitting.join(', ')}`;
    return typeof meaning === 'string' ? `=${word}, ${meaning}` : meaning;
  };
}

const TRUE = ['true', '1', 'yes', 'on', 't'];
const FALSE = ['false', '0', 'no', 'off', 'f'];

function flag(ifTrue: Given | string, ifFalse: Given | string): Reader {
  const saying = (meanings: readonly string[], meaning: Given | string) =>
    meanings.map((word) => [word, meaning] as const);
  return words(Object.fromEntries([...saying(TRUE, ifTrue), ...saying(FALSE, ifFalse)]));
}

const ANY_CERTIFICATE = 'which accepts any certificate; have it verified with its authority, or say so with';

const STORES = 'and the stores of Java are not read; name files in PEM, with sslrootcert, sslcert and sslkey';

const REFUSED_BY_BOTH: Parameters = {
  sslpassword: refused('which is for an encrypted key; give an unencrypted one that only this user may read'),
  sslidentity: refused('which is not read; give the certificate and its key, with sslcert and sslkey'),
  socketfactory: refused(
    'which is a class of Java; give the host, or a socket with host=/PATH or unix_socket=/PATH',
  ),
  cloudsqlinstance: refused('which is for a class of Java; give a socket, such as host=/cloudsql/INSTANCE'),
  truststore: refused(STORES),
  keystore: refused(STORES),
};

/** For other clients: what they say is decided by settings, or means nothing here. */
function ignored(names: string): Parameters {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, () => ({})]));
}

const IGNORED_BY_BOTH =
  ignored(`connecttimeout connectiontimeout connectiontimeoutmillis logintimeout sockettimeout querytimeout
  statementtimeout idletimeout idletimeoutmillis pool poolsize poolmin poolmax pooltimeout poolrecycle
  poolpreping maxoverflow maxpoolsize minpoolsize poolmaxconns poolminconns connectionlimit
  maximumpoolsize connmaxage connhealthchecks reconnect autoreconnect tcpkeepalive keepalive encoding
  charset timezone schema max min maxlifetime maxconnections maxconnectionlifetime maxidleconnectionlifetime
  singleuseconnections checkouttimeout reapingfrequency allowexitonidle poolmaxconnlifetime
  poolmaxconnidletime poolhealthcheckperiod loadbalance socketkeepalive defaultfetchsize readonly variables`);

/** The parameters of both engines, without the hyphens and underscores that some spellings have. */
const ofBoth = (mode: Readonly<Record<'off' | 'encrypted' | 'identity', string>>): Parameters => {
  const anyCertificate = `${ANY_CERTIFICATE} ${mode.encrypted}`;
  const perhaps = `which falls back to plain text silently; give ${mode.identity} or ${mode.encrypted}, or ${mode.off} on a network that you trust`;
  const tlsMode = words({
    disable: { mode: 'off' },
    disabled: { mode: 'off' },
    require: { mode: 'encrypted' },
    required: { mode: 'encrypted' },
    // The word of node-postgres and Heroku for what libpq calls “require”.
    'no-verify': { mode: 'encrypted' },
    'verify-ca': { mode: 'authority' },
    'verify-full': { mode: 'identity' },
    'verify-identity': { mode: 'identity' },
    // MariaDB's word for the same.
    trust: { mode: 'encrypted' },
    allow: perhaps,
    prefer: perhaps,
    preferred: perhaps,
  });
  const isOn = flag({ isOn: true }, { isOff: true });
  const verified = flag({ isStrict: true }, anyCertificate);
  return {
    sslmode: tlsMode,
    ssl: (value) => {
      if (value.trim().startsWith('{')) return tlsObject(value, anyCertificate);
      // Some drivers have the modes here.
      return [...TRUE, ...FALSE].includes(folded(value)) ? isOn(value) : tlsMode(value);
    },
    usessl: isOn,
    requiressl: isOn,
    tls: words({
      true: { isStrict: true },
      1: { isStrict: true },
      false: { isOff: true },
      0: { isOff: true },
      'skip-verify': anyCertificate,
      preferred: perhaps,
    }),
    sslaccept: words({ strict: { isStrict: true }, accept_invalid_certs: anyCertificate }),
    rejectunauthorized: verified,
    verifyservercertificate: verified,
    trustservercertificate: flag(anyCertificate, { isStrict: true }),
    sslrootcert: (value) => (value === 'system' ? { isSystem: true } : text('authorityFile')(value)),
    sslca: text('authorityFile'),
    serversslcert: text('authorityFile'),
    sslcert: text('certificateFile'),
    sslkey: text('keyFile'),
    ...REFUSED_BY_BOTH,
    user: text('user'),
    username: text('user'),
    password: text('password'),
    ...IGNORED_BY_BOTH,
    // Prisma's, which Supabase and others hand out for PgBouncer.
    pgbouncer: flag({ isPooled: true }, {}),
  };
};

const OLD_TLS = 'which is too old; TLS 1.2 and 1.3 are used';
const minimumVersion = words({
  TLSv1: OLD_TLS,
  'TLSv1.1': OLD_TLS,
  'TLSv1.2': {},
  'TLSv1.3': { minTlsVersion: 'TLSv1.3' },
});

const ONLY_WRITABLE = 'and Latchkey writes; give read-write';
const unnamed = (value: string): Given => (value === '0' ? { isPooled: true } : {});

// Tables are named with their schema in each statement. Vercel adds `supa` and `workaround` for its pools of Supabase.
const IGNORED_BY_POSTGRESQL =
  ignored(`fallbackapplicationname clientencoding loadbalancehosts hostrecheckseconds keepalives keepalivesidle
  keepalivesinterval keepalivescount tcpusertimeout locktimeout idleintransactionsessiontimeout sslsni
  sslcertmode krbsrvname gsslib gssdelegation binaryparameters supa workaround currentschema
  searchpath rewritebatchedinserts
  topologykeys ybserversrefreshinterval loggerlevel stringtype defaultrowfetchsize disableserversidecursors
  advisorylocks minmessages schemasearchpath fetchtypes commandtimeout asyncfallback`);

const POSTGRESQL: Parameters = {
  ...ofBoth({ off: 'sslmode=disable', encrypted: 'sslmode=require', identity: 'sslmode=verify-full' }),
  host: (value) => (value.startsWith('/') ? { socketPath: value } : text('hosts')(value)),
  port: text('ports'),
  dbname: text('database'),
  applicationname: text('applicationName'),
  options: text('serverOptions'),
  channelbinding: words({
    require: { channelBinding: 'require' },
    prefer: { channelBinding: 'prefer' },
    disable: {},
  }),
  targetsessionattrs: words({
    any: {},
    'read-write': {},
    primary: {},
    master: {},
    'read-only': `which is a server that takes no writes, ${ONLY_WRITABLE}`,
    standby: `which is a server that takes no writes, ${ONLY_WRITABLE}`,
    'prefer-standby': `which may be a server that takes no writes, ${ONLY_WRITABLE}`,
  }),
  // JDBC's word for the same.
  targetservertype: words({
    any: {},
    primary: {},
    master: {},
    secondary: `which is a server that takes no writes, and Latchkey writes; give primary`,
    preferSecondary: `which may be a server that takes no writes, and Latchkey writes; give primary`,
  }),
  sslnegotiation: words({ postgres: {}, direct: { startsWithTls: true } }),
  sslminprotocolversion: minimumVersion,
  sslcompression: flag('which lets an attacker guess what is sent; leave it out', {}),
  sslcrl: refused('and revocation lists are not read; leave it out'),
  sslcrldir: refused('and revocation lists are not read; leave it out'),
  uselibpqcompat: flag(
    {},
    'with which sslmode=require would verify; leave it out and give sslmode=verify-full',
  ),
  gssencmode: words({
    disable: {},
    prefer: {},
    require: 'which is not supported; leave it out and give sslmode=verify-full',
  }),
  requirepeer: refused('which is not checked; leave it out'),
  requireauth: refused('which is not checked; leave it out, and give sslmode=verify-full'),
  hostaddr: refused('which is not read; give the address as the host'),
  service: refused('and no service file is read; give host, user and database'),
  passfile: refused('and no password file is read; give the password, or the URL by DATABASE_URL_FILE'),
  replication: refused('which is for replication; leave it out'),
  ...IGNORED_BY_POSTGRESQL,
  // Poolers, and the words of other drivers for statements without a name.
  poolmode: words({
    session: {},
    transaction: { isPooled: true },
    statement: 'in which nothing can be done in one transaction; give transaction',
  }),
  preparethreshold: unnamed,
  preparedstatementcachesize: unnamed,
  preparedstatementcachequeries: unnamed,
  statementcachesize: unnamed,
  statementcachecapacity: unnamed,
  preparedstatements: flag({}, { isPooled: true }),
  prepare: flag({}, { isPooled: true }),
  preferquerymode: (value) => (folded(value) === 'simple' ? { isPooled: true } : {}),
  defaultqueryexecmode: (value) => (/^(?:simple|exec|describe)/.test(value) ? { isPooled: true } : {}),
  sslfactory: refused(`which is a class of Java; leave it out, and give sslmode=verify-full`),
};

const noIdentity =
  'which accepts the certificate of any host; say so with ssl-mode=VERIFY_CA, and name its authority with ssl_ca';

const IGNORED_BY_MYSQL =
  ignored(`allowpublickeyretrieval readtimeout writetimeout timeout servertimezone connectiontimezone
  useunicode characterencoding charsetresults collation connectioncollation usemysqlmetadata
  initcommand sqlmode sessionvariables zerodatetimebehavior nullcatalogmeansecurrent
  uselegacydatetimecode usejdbccomplianttimezoneshift useserverprepstmts cacheprepstmts
  prepstmtcachesize prepstmtcachesqllimit rewritebatchedstatements allowmultiqueries multistatements
  multiplestatements usecompression compress useaffectedrows parsetime loc maxallowedpacket
  localinfile supportbignumbers bignumberstrings datestrings decimalnumbers waitforconnections
  queuelimit enablekeepalive keepaliveinitialdelay failoverreadonly statementcachesize interpolateparams
  clientfoundrows columnswithalias rejectreadonly checkconnlifetime allownativepasswords profilesql
  tinyint1isbit yearisdatetype maxreconnects initialtimeout cacheserverconfiguration permitmysqlscheme`);

const MYSQL: Parameters = {
  ...ofBoth({
    off: 'ssl-mode=DISABLED',
    encrypted: 'ssl-mode=REQUIRED',
    identity: 'ssl-mode=VERIFY_IDENTITY',
  }),
  unixsocket: text('socketPath'),
  socket: text('socketPath'),
  socketpath: text('socketPath'),
  ssldisabled: flag({ isOff: true }, { isOn: true }),
  sslverifycert: flag({ isStrict: true }, `${ANY_CERTIFICATE} ssl-mode=REQUIRED`),
  sslverifyservercert: flag({ isStrict: true }, `${ANY_CERTIFICATE} ssl-mode=REQUIRED`),
  sslverifyidentity: flag({ isStrict: true }, noIdentity),
  sslcheckhostname: flag({ isStrict: true }, noIdentity),
  sslcapath: refused('which is a folder; name the file with the certificate of the authority, with ssl_ca'),
  sslcipher: refused('and the ciphers are those of Node.js; leave it out'),
  tlsversion: minimumVersion,
  enabledtlsprotocols: (value) => (/^(?:\s*TLSv1\.[23]\s*,?)+$/i.test(value) ? {} : `, ${OLD_TLS}`),
  allowfallbacktoplaintext: flag('which falls back to plain text silently; leave it out', {}),
  allowoldpasswords: flag('which could show the password; leave it out', {}),
  trustcertificatekeystoreurl: refused(STORES),
  clientcertificatekeystoreurl: refused(STORES),
  allowcleartextpasswords: flag('which could show the password; leave it out', {}),
  enablecleartextplugin: flag('which could show the password; leave it out', {}),
  ...IGNORED_BY_MYSQL,
};

const tlsOptionsOfDriver = z.looseObject({ rejectUnauthorized: z.boolean().optional() });

/** Such as `{"rejectUnauthorized":true}`, which PlanetScale and TiDB hand out for mysql2. */
function tlsObject(value: string, anyCertificate: string): Given | string {
  const read = tlsOptionsOfDriver.safeParse(resultOrNull(() => JSON.parse(value)));
  if (!read.success) return ', which is no JSON object; give {"rejectUnauthorized":true}';
  const { rejectUnauthorized, ...others } = read.data;
  const [other] = Object.keys(others);
  if (other !== undefined)
    return ', which has more than rejectUnauthorized in it; name files with ssl_ca, ssl_cert and ssl_key';
  return rejectUnauthorized === false ? `, ${anyCertificate}` : { isStrict: true };
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.\s]/g, '');
}

export type ParametersReading =
  | { readonly ok: true; readonly given: Given }
  | { readonly ok: false; readonly problem: string };

/** Reads the parameters of a database URL. A parameter that is not known is an error. */
export function readParameters(
  engine: 'postgresql' | 'mysql',
  parameters: readonly (readonly [name: string, value: string])[],
): ParametersReading {
  const known = engine === 'postgresql' ? POSTGRESQL : MYSQL;
  const given: Record<string, unknown> = {};
  for (const [name, value] of parameters) {
    const reader = Object.hasOwn(known, folded(name)) ? known[folded(name)] : undefined;
    if (reader === undefined)
      return { ok: false, problem: `has the parameter ${name}, ${unknown(name, known)}` };
    const meaning = reader(value);
    if (typeof meaning === 'string') return { ok: false, problem: `has the parameter ${name}${meaning}` };
    for (const [key, said] of Object.entries(meaning)) {
      if (key in given && given[key] !== said)
        return {
          ok: false,
          problem: `has the parameter ${name}, which contradicts another; give one of them`,
        };
      given[key] = said;
    }
  }
  return { ok: true, given };
}

/** Spelt as their documents do, for what is misspelt. */
const SPELLINGS = [
  'sslmode',
  'ssl-mode',
  'sslrootcert',
  'ssl_ca',
  'sslcert',
  'ssl_cert',
  'sslkey',
  'ssl_key',
  'sslaccept',
  'useSSL',
  'verifyServerCertificate',
  'rejectUnauthorized',
  'channel_binding',
  'target_session_attrs',
  'application_name',
  'connect_timeout',
  'unix_socket',
  'pgbouncer',
  'options',
];

function unknown(name: string, known: Parameters): string {
  const meant = nearestName(folded(name), Object.keys(known));
  if (meant === null) return 'which is not known; leave it out (docs/your-database.md lists the known ones)';
  return `which is not known; did you mean ${SPELLINGS.find((one) => folded(one) === meant && folded(one) in known) ?? meant}?`;
}
