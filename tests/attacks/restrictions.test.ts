import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { claimsSchema } from '../../src/features/external-sign-in/providers/claims.ts';
import { SettingsError } from '../../src/platform/settings/read.ts';
import { everySetting, settingsFromEnvironment, settingsFromOptions } from '../../src/read-settings.ts';
import { acme, CLIENT, signInWithProvider, startGithubTwin, startTwinProvider } from '../kit/federation.ts';
import { SECRET_KEY, startSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { pathTo } from '../kit/visitor.ts';

const GITHUB = { GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 'secret' };
const GOOGLE = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' };
const MICROSOFT = { MICROSOFT_CLIENT_ID: 'id', MICROSOFT_CLIENT_SECRET: 'secret' };
const ACME = {
  OIDC_ACME_ISSUER: 'https://id.example.org',
  OIDC_ACME_CLIENT_ID: 'id',
  OIDC_ACME_CLIENT_SECRET: 'secret',
};

type Environment = Readonly<Record<string, string>>;

/** The error that stops the start. */
function faultsOf(environment: Environment): readonly string[] {
  using folder = temporaryFolder();
  try {
    settingsFromEnvironment({ SECRET_KEY, ...environment }, folder.path);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split('\n');
    throw error;
  }
  return [];
}

type Restriction = {
  readonly with?: Environment;
  readonly fitting: readonly string[];
  /** Values that are empty, or could be parsed in another way than intended. */
  readonly unfitting: readonly string[];
};

const DN = 'CN=Staff,OU=Groups,DC=example,DC=org';
const NEW_ACCOUNTS = { fitting: ['none', 'ask'], unfitting: ['', 'no', 'None,ask', 'false'] };

/** Each built-in provider has this setting. The other settings of the provider are missing. */
const NEW_ACCOUNTS_OF_EACH: Readonly<Record<string, Restriction>> = Object.fromEntries(
  everySetting
    .filter(({ name }) => name.endsWith('_NEW_ACCOUNTS'))
    .map(({ name }) => [
      name,
      { with: { [name.replace('_NEW_ACCOUNTS', '_CLIENT_ID')]: 'id' }, ...NEW_ACCOUNTS },
    ]),
);

/** Every setting that limits which users are admitted, or which roles they get. */
const RESTRICTIONS: Readonly<Record<string, Restriction>> = {
  ...NEW_ACCOUNTS_OF_EACH,
  REGISTRATION: { fitting: ['closed', 'invite'], unfitting: ['', 'close', 'none', 'invite only', 'off'] },
  ROLES: { fitting: ['admin', 'admin, editor'], unfitting: ['', ',', 'two words', 'admin;editor', '*'] },
  MFA: { fitting: ['required', 'required-for-roles'], unfitting: ['', 'on', 'true', 'requird', 'always'] },
  MFA_ROLES: { fitting: ['admin', 'admin, editor'], unfitting: ['', ',', 'two words', 'admin;editor', '*'] },
  SCOPES: {
    fitting: ['notes:read', 'notes:read, notes:write'],
    unfitting: ['', ',', 'notes read', 'Notes:Read', 'notes:read;notes:write', '*'],
  },
  EMAIL: { fitting: ['required'], unfitting: ['yes', 'require', 'confirmed'] },
  BLOCKED_EMAIL_DOMAINS: {
    fitting: ['example.com, example.net'],
    unfitting: ['', ',', '*.example.com', '@example.com', 'example.com; example.net', 'com'],
  },
  BLOCK_DISPOSABLE_EMAIL: { fitting: ['on'], unfitting: ['', 'perhaps', 'block'] },
  RESERVED_USERNAMES: { fitting: ['harbourmaster'], unfitting: ['', ',', 'a b;c d'] },
  TRUSTED_ORIGINS: {
    fitting: ['https://app.example.org', ' https://a.example , http://localhost:5173', ''],
    unfitting: [
      'app.example.org',
      'http://app.example.org',
      'https://*.example.org',
      'https://a.example/x',
      'null',
    ],
  },
  ALLOWED_HOSTS: {
    fitting: ['api.fly.dev', 'API.fly.dev, box:8443', ''],
    unfitting: ['*', '*.fly.dev', 'https://api.fly.dev', 'api.fly.dev/x', 'a b', 'api.fly.dev:443'],
  },
  TRUSTED_PROXIES: {
    fitting: ['loopback', '10.0.0.0/8'],
    unfitting: ['all', '*', '0.0.0.0/0', 'proxy', '10.1'],
  },
  METRICS_ALLOWED_HOSTS: { fitting: ['latchkey, metrics.internal'], unfitting: ['latchkey:9464', '*'] },
  GITHUB_ALLOWED_ORGANISATIONS: {
    with: GITHUB,
    fitting: ['acme', 'Acme, acme-labs', '["acme"]', '"acme"'],
    unfitting: [
      '',
      ',',
      'https://github.com/acme',
      'acme labs',
      'acme;other',
      '["acme"',
      '{"acme":1}',
      '"acme',
      DN,
    ],
  },
  GITHUB_ROLES: {
    with: GITHUB,
    fitting: ['acme=staff'],
    unfitting: [
      'acme',
      'acme=',
      '=staff',
      'acme=staff=x',
      'acme:staff',
      '"acme=staff',
      'acme/team=staff',
      '@acme=staff',
      DN,
    ],
  },
  GOOGLE_ALLOWED_DOMAINS: {
    with: GOOGLE,
    fitting: [
      'Example.org',
      'example.org, bücher.example',
      '@example.org',
      'example.org.',
      'xn--bcher-kva.example',
    ],
    unfitting: [
      '',
      ',',
      'example',
      '*.example.org',
      '@@example.org',
      'ada@example.org',
      'example.org/x',
      'example.org:443',
      'gmail.com',
      'example.org, @GoogleMail.com',
      'https://example.org',
      'example.org;a.example',
      DN,
    ],
  },
  MICROSOFT_TENANT: {
    with: MICROSOFT,
    fitting: [
      'organizations',
      '8EAEF023-2b34-4da1-9baa-8bc8c9d6a490',
      'Example.onmicrosoft.com',
      '@example.org',
      'bücher.example',
    ],
    unfitting: ['', 'organisations', 'everyone', '8eaef023', '*.example.org', 'common/v2.0', 'example.org/x'],
  },
  OIDC_ACME_ALLOWED_GROUPS: {
    with: ACME,
    fitting: ['staff', 'staff, a b', '"a;b", c', `"${DN}"`, `["${DN}", "staff"]`, 'CN=Staff'],
    unfitting: [
      '',
      ' , ',
      DN,
      'cn=staff, ou=groups',
      'CN=Smith\\, John',
      '"staff',
      'st"aff"',
      '["staff", 7]',
      '[]',
      '{}',
      '*',
      'staff, *',
      'staff;guests',
      'CN=Staff;CN=Guests',
      'staff\nguests',
    ],
  },
  OIDC_ACME_ROLES: {
    with: ACME,
    fitting: ['staff=editor', `"${DN}"=editor, staff=reader`],
    unfitting: ['staff', 'CN=Staff,OU=x', DN, `"${DN}"`, `"${DN}=editor"`, 'staff=', 'staff=a b'],
  },
  OIDC_ACME_TRUST_EMAIL: { with: ACME, fitting: ['off'], unfitting: ['perhaps', 'offf'] },
  OIDC_ACME_NEW_ACCOUNTS: { with: ACME, ...NEW_ACCOUNTS },
};

describe('a setting that restricts access', () => {
  it('A65 P35 P36 stops the start with an error if its value cannot be parsed as intended', () => {
    for (const [name, { with: others = {}, fitting, unfitting }] of Object.entries(RESTRICTIONS)) {
      const without = faultsOf(others);
      for (const text of fitting)
        assert.deepEqual(faultsOf({ ...others, [name]: text }), without, `${name}=${text}`);
      for (const text of unfitting) {
        const faults = faultsOf({ ...others, [name]: text });
        const [fault, ...more] = faults.filter((line) => !without.includes(line));
        assert.match(String(fault), new RegExp(`^${name}: .+; .+`), `${name}=${text}`);
        assert.deepEqual(more, []);
      }
    }
  });

  it('A65 is in the table of this test', () => {
    const names = everySetting.map(({ name }) => name);
    const restricting = names.filter((name) =>
      /ALLOWED|BLOCK|^REGISTRATION$|^EMAIL$|TRUST|ROLES|TENANT|NEW_ACCOUNTS|RESERVED/.test(name),
    );
    for (const name of restricting) assert.ok(name in RESTRICTIONS, name);
    for (const { name, neverEmpty } of everySetting) {
      if (neverEmpty !== undefined) assert.ok(RESTRICTIONS[name]?.unfitting.includes('') === true, name);
    }
  });

  it('A65 may stay empty while its provider is not used', () => {
    assert.deepEqual(faultsOf({ GITHUB_ALLOWED_ORGANISATIONS: '', OIDC_ACME_ALLOWED_GROUPS: '' }), []);
  });
});

/** Variables of shells, orchestrators, build services and applications. */
const FOREIGN = `PATH HOME HOSTNAME SHELL LANG TZ USER PWD EDITOR NODE_ENV NODE_OPTIONS SESSION_MANAGER
  DBUS_SESSION_BUS_ADDRESS XDG_SESSION_ID XDG_SESSION_TYPE SSH_CONNECTION KUBERNETES_SERVICE_HOST
  KUBERNETES_PORT REDIS_PORT REDIS_HOST METRICS_SERVICE_HOST POSTGRES_USER POSTGRES_PASSWORD PGHOST MYSQL_HOST
  DB_URL API_URL LOGLEVEL BASE_URI GITHUB_TOKEN GITHUB_ACTIONS GITHUB_ACTOR GITHUB_REPOSITORY
  GITHUB_REPOSITORY_OWNER GITHUB_SERVER_URL GITHUB_API_URL GITHUB_REF GITHUB_SHA GITHUB_JOB
  GITHUB_WEBHOOK_SECRET GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_PROJECT GOOGLE_MAPS_API_KEY
  GOOGLE_SERVICE_ACCOUNT GITLAB_CI GITLAB_TOKEN GITLAB_USER_EMAIL DISCORD_TOKEN DISCORD_WEBHOOK_URL APPLE_ID
  GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES SESSION_ID GITHUB_TEAM_TOKEN GITHUB_ORG_TOKEN GITHUB_ROLE_ARN
  GITHUB_WORKSPACE GITHUB_HOST BLOCK_SIZE BLOCKCHAIN_URL REGISTRATION_TOKEN SLACK_TEAM_ID SENTRY_ALLOWED_DOMAINS
  CI_PROJECT_ID AWS_SECRET_ACCESS_KEY SECRET_KEY_BASE DJANGO_SECRET_KEY MAILGUN_DOMAIN OIDC_ISSUER_URL
  OIDC_PROVIDER npm_config_registry HTTP_PROXY https_proxy no_proxy`;

describe('a misspelt setting', () => {
  it('A65 N06 stops the start and names the setting that was probably meant', () => {
    const meant: readonly (readonly [Environment, string, string])[] = [
      [GITHUB, 'GITHUB_ALLOWED_ORGANIZATIONS', 'GITHUB_ALLOWED_ORGANISATIONS'],
      [GITHUB, 'GITHUB_ALLOWED_ORGANISATION', 'GITHUB_ALLOWED_ORGANISATIONS'],
      [GITHUB, 'GITHUB_ALLOWED_ORGANIZATION', 'GITHUB_ALLOWED_ORGANISATIONS'],
      [GITHUB, 'GITHUB_ROLE', 'GITHUB_ROLES'],
      [GITHUB, 'github_allowed_organisations', 'GITHUB_ALLOWED_ORGANISATIONS'],
      [GOOGLE, 'GOOGLE_ALLOWED_DOMAIN', 'GOOGLE_ALLOWED_DOMAINS'],
      [GOOGLE, 'GOOGLE_ALOWED_DOMAINS', 'GOOGLE_ALLOWED_DOMAINS'],
      [MICROSOFT, 'MICROSOFT_TENNANT', 'MICROSOFT_TENANT'],
      [ACME, 'OIDC_ACME_ALLOWED_GROUP', 'OIDC_ACME_ALLOWED_GROUPS'],
      [ACME, 'OIDC_ACME_ALLOWEDGROUPS', 'OIDC_ACME_ALLOWED_GROUPS'],
      [ACME, 'OIDC_ACME_TRUST_EMAILS', 'OIDC_ACME_TRUST_EMAIL'],
      [{}, 'REGISTRATON', 'REGISTRATION'],
      [{}, 'BLOCKED_EMAIL_DOMAIN', 'BLOCKED_EMAIL_DOMAINS'],
      [{}, 'BLOCK_DISPOSABLE_EMAILS', 'BLOCK_DISPOSABLE_EMAIL'],
      [{}, 'RESERVED_USERNAME', 'RESERVED_USERNAMES'],
      [{}, 'TRUSTED_PROXY', 'TRUSTED_PROXIES'],
      [{}, 'SESSION_LIFTEIME', 'SESSION_LIFETIME'],
    ];
    for (const [others, name, setting] of meant) {
      const fault = `${name}: is not a setting; did you mean ${setting}?`;
      assert.deepEqual(faultsOf({ ...others, [name]: 'acme' }), [fault]);
      assert.deepEqual(faultsOf({ ...others, [`${name}_FILE`]: '/run/secrets/x' }), [fault]);
    }
  });

  it('A65 N06 stops the start if only a setting of its provider can be meant', () => {
    for (const [others, name] of [
      [GITHUB, 'GITHUB_ORG'],
      [GITHUB, 'GITHUB_ALLOWED_TEAMS'],
      [GOOGLE, 'GOOGLE_HOSTED_DOMAIN'],
      [ACME, 'OIDC_ACME_GROUPS'],
      [ACME, 'OIDC_ACME_ONLY'],
    ] as const) {
      const [fault, ...more] = faultsOf({ ...others, [name]: 'x' });
      assert.match(
        String(fault),
        new RegExp(`^${name}: is not a setting; those that begin so are .*_CLIENT_ID`),
      );
      assert.deepEqual(more, []);
    }
  });

  it('A65 N06 stops the start, whichever word of a restriction is misspelt, missing or replaced', () => {
    const names: readonly (readonly [Environment, string])[] = [
      [
        GITHUB,
        `GITHUB_ORGANIZATON GITHUB_ORGANISATON GITHUB_NEW_USERS GITHUB_ENTERPRISE GH_ALLOWED_ORGANISATIONS
        LATCHKEY_GITHUB_ALLOWED_ORGANIZATIONS LATCHKEY_GITHUB_ORG ALLOWED_ORGANISATIONS ALLOWED_ORGANIZATIONS`,
      ],
      [GOOGLE, 'GOOGLE_DOMIANS GOOGLE_HD GOOGLE_WORKSPACE ALLOWED_DOMAINS'],
      [MICROSOFT, 'MICROSOFT_DIRECTORY_ID'],
      [
        ACME,
        'OIDC_ALLOWED_GROUPS ACME_ALLOWED_GROUPS LATCHKEY_OIDC_ACME_ALLOWED_GROUP LATCHKEY_OIDC_ACME_GROUPS',
      ],
      [
        {},
        `REGISTRATION_MODE REGISTRATION_CLOSED ALLOW_REGISTRATION BLOCKED_DOMAINS BLOCK_DISPOSABLE
        PASSWORD_MIN_LEN LATCHKEY_REGISTRATIONS LATCHKEY_SIGNUP LATCHKEY_MFA_ROLE latchkey_registration
        REGISTRATIONS SIGNUPS_ALLOWED DISABLE_SIGN_UP INVITE_ONLY MFA_ROLE MFA_REQUIRED REQUIRE_MFA MFA_FOR_ROLES
        ENFORCE_2FA TRUSTED_PROXY DATABASE_URL_FIL LATCHKEY_ALLOWED_DOMAINS LATCHKEY_WHATEVER`,
      ],
    ];
    for (const [others, list] of names)
      for (const name of list.split(/\s+/)) {
        const [fault, ...more] = faultsOf({ ...others, [name]: 'x' });
        assert.match(String(fault), new RegExp(`^${name}: is not a setting; `));
        assert.deepEqual(more, []);
      }
  });

  it('A65 N06 is found in .env, under the prefix and among the options of the library, too', () => {
    using folder = temporaryFolder();
    writeFileSync(
      join(folder.path, '.env'),
      'GITHUB_ALLOWED_ORGANIZATIONS=acme\nLATCHKEY_REGISTRATON=closed\n',
    );
    assert.throws(
      () => settingsFromEnvironment({ SECRET_KEY, ...GITHUB }, folder.path),
      /did you mean GITHUB_ALLOWED_ORGANISATIONS\?\nLATCHKEY_REGISTRATON: .*did you mean LATCHKEY_REGISTRATION\?$/,
    );
    const options = {
      githubAllowedOrganizations: 'acme',
      registrations: 'closed',
      mfaRole: 'admin',
      trustedProxy: '10.0.0.1',
    };
    for (const [option, meant] of Object.entries({
      githubAllowedOrganizations: 'githubAllowedOrganisations',
      registrations: 'registration',
      mfaRole: 'mfaRoles',
      trustedProxy: 'trustedProxies',
    }))
      assert.throws(
        () => settingsFromOptions({ secretKey: SECRET_KEY, ...options }),
        new RegExp(`${option}: is not an option; did you mean ${meant}\\?`),
      );
  });

  it('A65 is read with the prefix as without it', () => {
    const own = { LATCHKEY_GITHUB_CLIENT_ID: 'id', LATCHKEY_GITHUB_CLIENT_SECRET: 's' };
    const acmeOnly = { LATCHKEY_GITHUB_ALLOWED_ORGANISATIONS: 'acme' };
    assert.deepEqual(faultsOf({ ...own, ...acmeOnly, LATCHKEY_REGISTRATION: 'closed' }), []);
    const fault = 'is empty, and limits access; give its value, or leave it out';
    const empty = { ...own, LATCHKEY_GITHUB_ALLOWED_ORGANISATIONS: '' };
    assert.deepEqual(faultsOf(empty), [`LATCHKEY_GITHUB_ALLOWED_ORGANISATIONS: ${fault}`]);
    assert.deepEqual(faultsOf({ REGISTRATION_FILE: '' }), [`REGISTRATION_FILE: ${fault}`]);
    const issuer = Object.fromEntries(Object.entries(ACME).map(([name, text]) => [`LATCHKEY_${name}`, text]));
    assert.deepEqual(faultsOf({ ...issuer, LATCHKEY_OIDC_ACME_ALLOWED_GROUPS: 'staff' }), []);
    assert.match(
      faultsOf({ ...issuer, OIDC_ACME_ALLOWED_GROUP: 'staff' }).join(),
      /did you mean OIDC_ACME_ALLOWED_GROUPS\?$/,
    );
    assert.deepEqual(
      faultsOf({ LATCHKEY_SESSION_IDLE: 'soon' }).map((line) => line.split(':')[0]),
      ['LATCHKEY_SESSION_IDLE'],
    );
  });

  it('N06 is never suspected in a variable of other software', () => {
    const environment = Object.fromEntries(FOREIGN.split(/\s+/).map((name) => [name, 'x']));
    assert.deepEqual(faultsOf({ ...environment, NODE_ENV: 'development' }), []);
    const used = { ...GITHUB, ...GOOGLE, ...ACME, GITLAB_CLIENT_ID: 'id', GITLAB_CLIENT_SECRET: 's' };
    assert.deepEqual(faultsOf({ ...environment, NODE_ENV: 'development', ...used }), []);
  });

  it('N06 is not suspected in a name whose correct setting is given as well', () => {
    assert.deepEqual(faultsOf({ DATABASE_URL: 'sqlite::memory:', DATABASE_URI: 'x' }), []);
  });
});

/** Values that a provider may send instead of a claim that a restriction is based on. */
const ODD_CLAIMS: readonly unknown[] = [
  undefined,
  null,
  '',
  [],
  {},
  7,
  true,
  { staff: true },
  [['staff']],
  [null],
  ['Staff'],
  'staff,guests',
  'staff guests',
  ['sta', 'ff'],
];

describe('a restriction on the users of a provider', () => {
  it('A65 P34 admits no user whose claim is missing or has another value, and logs the cause', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeAllowedGroups: 'staff' }));
    for (const groups of ODD_CLAIMS) {
      provider.profile = { sub: 'ada-there', email: 'ada@example.org', groups };
      const answer = await signInWithProvider(system.visitor(), provider);
      assert.equal(answer.location, '/login', JSON.stringify(groups));
      const failure = system.events.findLast(({ type }) => type === 'provider-failed');
      assert.ok(failure?.type === 'provider-failed' && failure.reason === 'not-admitted');
      assert.match(String(failure.code), /^(?:no|other)-groups$/, JSON.stringify(groups));
    }
  });

  it('A65 P35 compares the complete distinguished name, and never a part of it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeAllowedGroups: `"${DN}"` }));
    for (const group of [...DN.split(','), 'Staff', DN.toLowerCase(), `${DN} `]) {
      provider.profile = { sub: 'ada-there', groups: [group] };
      assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login', group);
    }
    provider.profile = { sub: 'ada-there', groups: [DN] };
    assert.equal(pathTo(await signInWithProvider(system.visitor(), provider)), '/register/connected');
  });

  it('A65 admits no user of GitHub whose organisations cannot be read', async () => {
    await using github = await startGithubTwin();
    await using system = await startSystem({
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
      githubAllowedOrganisations: 'acme',
    });
    github.forbidden = ['orgs'];
    assert.equal((await signInWithProvider(system.visitor(), github, 'github')).location, '/login');
    github.forbidden = [];
    github.organisations = [null, { name: 'acme' }, ['acme']];
    assert.equal((await signInWithProvider(system.visitor(), github, 'github')).location, '/login');
    const codes = system.events.flatMap((event) => (event.type === 'provider-failed' ? [event.code] : []));
    assert.deepEqual(codes, ['incomplete-groups', 'no-groups']);
  });

  it('A65 P36 compares the domain of Google in any case, and admits no other type of claim', () => {
    const options = { secretKey: SECRET_KEY, googleClientId: 'id', googleClientSecret: 'secret' };
    const [google] = settingsFromOptions({ ...options, googleAllowedDomains: 'Example.org' }).providers;
    const admits = (hd: unknown) => google?.isAdmitted?.(claimsSchema.parse({ sub: 'x', hd }));
    assert.deepEqual(['example.org', 'EXAMPLE.ORG'].map(admits), [true, true]);
    for (const hd of [
      ...[undefined, null, '', '.', ['example.org'], { 'example.org': 1 }, true, 'a.example.org'],
      ...[
        'example.org/x',
        'example.org:443',
        'x@example.org',
        'example.org?',
        '@example.org',
        ' example.org',
      ],
    ])
      assert.equal(admits(hd), false, JSON.stringify(hd));
    for (const [written, claimed] of [
      ['@Example.org', 'example.org'],
      ['example.org.', 'example.org'],
      ['example.org', 'EXAMPLE.ORG.'],
      ['bücher.example', 'xn--bcher-kva.example'],
      ['xn--bcher-kva.example', 'BÜCHER.example'],
    ] as const) {
      const [other] = settingsFromOptions({ ...options, googleAllowedDomains: written }).providers;
      assert.equal(other?.isAdmitted?.(claimsSchema.parse({ sub: 'x', hd: claimed })), true, written);
    }
  });
});
