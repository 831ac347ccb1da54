import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { CLIENT, type Faults, type TokenClaims } from './federation.ts';
import type { TestOptions } from './system.ts';

/** What a provider does in its own way, as far as it is documented: data for the twin, which plays each of them. */
export type ProviderShape = {
  /** The name on its button and in paths. */
  readonly name: string;
  /** Its hosts. */
  readonly hosts: readonly string[];
  /** What the operator sets, perhaps not as the provider writes it. */
  readonly settings: TestOptions;
  readonly profile: TokenClaims;
  readonly faults: Faults;
  /** The response is a form. */
  readonly isFormPost?: boolean;
  /** What is proposed to a new user. */
  readonly proposes: { readonly username: string; readonly email: string };
  /** The address that counts as confirmed. */
  readonly confirms?: string;
  readonly roles: readonly string[];
  /** How it reports that the user cancels, and that the user may not use the application. */
  readonly cancels: Refusal;
  readonly refuses?: Refusal;
};

/** The parameters of an error response, besides the state and `iss`. */
export type Refusal = {
  readonly error: string;
  readonly error_description?: string;
  readonly error_uri?: string;
};

/** The endpoints of an issuer, and no promise to send `iss`, which most providers do not. */
function metadataOf(issuer: string, more: TokenClaims = {}): TokenClaims {
  const base = issuer.replace(/\/$/, '');
  return {
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    userinfo_endpoint: `${base}/userinfo`,
    jwks_uri: `${base}/jwks`,
    authorization_response_iss_parameter_supported: false,
    ...more,
  };
}

function issuedBy(issuer: string, more: Faults & { readonly ofToken?: TokenClaims } = {}): Faults {
  const { ofToken = {}, metadata = {}, ...faults } = more;
  return {
    answeredIssuer: null,
    claims: (right) => ({ ...right, iss: issuer, ...ofToken }),
    ...faults,
    metadata: metadataOf(issuer, metadata),
  };
}

const answer =
  (body: unknown, status = 200, headers = {}) =>
  (response: ServerResponse) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

function oidc(issuer: string, more: TestOptions = {}): TestOptions {
  return {
    oidcAcmeIssuer: issuer,
    oidcAcmeClientId: CLIENT.id,
    oidcAcmeClientSecret: CLIENT.secret,
    ...more,
  };
}

const TENANT = '8eaef023-2b34-4da1-9baa-8bc8c9d6a490';
const MICROSOFT = 'https://login.microsoftonline.com';
const appleKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

/** GitHub, whose apps of both kinds differ in their tokens and permissions. */
const GITHUB = {
  name: 'github',
  hosts: ['github.com', 'api.github.com'],
  settings: {
    githubClientId: CLIENT.id,
    githubClientSecret: CLIENT.secret,
    githubRoles: 'acme=staff',
  },
  profile: {},
  proposes: { username: 'octocat', email: '' },
  roles: ['staff'],
  // https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors
  cancels: {
    error: 'access_denied',
    error_description: 'The user has denied your application access.',
    error_uri: 'https://docs.github.com/troubleshooting#access-denied',
  },
} as const;
const GITHUB_USER = { id: 583_231, login: 'octocat', name: null, email: null, avatar_url: null };

export const PROVIDER_SHAPES: Readonly<Record<string, ProviderShape>> = {
  // https://developers.google.com/identity/openid-connect/openid-connect: subjects of 21 digits, `hd` for members of
  // Workspace, further parameters in the response, and scopes that come back as addresses.
  Google: {
    name: 'google',
    hosts: ['accounts.google.com'],
    settings: {
      googleClientId: CLIENT.id,
      googleClientSecret: CLIENT.secret,
      googleAllowedDomains: '@Bücher.example',
    },
    profile: {
      sub: '110169484474386276334',
      email: 'ada@xn--bcher-kva.example',
      email_verified: true,
      hd: 'xn--bcher-kva.example',
    },
    faults: issuedBy('https://accounts.google.com', {
      parameters: {
        authuser: '0',
        prompt: 'consent',
        hd: 'xn--bcher-kva.example',
        scope: 'email https://www.googleapis.com/auth/userinfo.email openid',
      },
      tokens: (right) => ({
        ...right,
        expires_in: 3_599,
        scope: 'openid https://www.googleapis.com/auth/userinfo.email',
      }),
    }),
    proposes: { username: 'ada', email: '' },
    confirms: 'ada@xn--bcher-kva.example',
    roles: [],
    cancels: { error: 'access_denied' },
    refuses: { error: 'org_internal', error_description: 'Access is restricted to users of Bücher' },
  },
  // https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc: the metadata of a domain names the id of its
  // tenant. https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference: `sub` is of this application
  // alone, `email` is optional, and `hasgroups` replaces many groups.
  'Microsoft, one tenant by its domain': {
    name: 'microsoft',
    hosts: ['login.microsoftonline.com'],
    settings: {
      microsoftClientId: CLIENT.id,
      microsoftClientSecret: CLIENT.secret,
      microsoftTenant: 'Contoso.onmicrosoft.com',
    },
    profile: {
      sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
      tid: TENANT,
      preferred_username: 'ada@contoso.onmicrosoft.com',
      name: 'Ada Lovelace',
      hasgroups: true,
      ver: '2.0',
    },
    faults: issuedBy(`${MICROSOFT}/${TENANT}/v2.0`, {
      parameters: { session_state: '6e2f4b2c' },
      tokens: (right) => ({ ...right, ext_expires_in: 3_599, expires_in: '3599' }),
      // https://learn.microsoft.com/entra/identity-platform/userinfo is on another host; it may not be offered at all.
      metadata: { userinfo_endpoint: undefined },
    }),
    proposes: { username: '', email: '' },
    roles: [],
    // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    cancels: {
      error: 'consent_required',
      error_description:
        'AADSTS65004: The resource owner or authorization server denied the request.\r\nTrace ID: d320620c',
    },
    refuses: {
      error: 'access_denied',
      error_description: "AADSTS50105: The signed in user is not assigned to a role for the application 'x'.",
    },
  },
  // The metadata of several tenants has a pattern, and tokens have the tenant in its place.
  'Microsoft, all tenants': {
    name: 'microsoft',
    hosts: ['login.microsoftonline.com'],
    settings: { microsoftClientId: CLIENT.id, microsoftClientSecret: CLIENT.secret },
    profile: { sub: 'ada-at-any', tid: TENANT, email: 'ada@contoso.example' },
    faults: issuedBy(`${MICROSOFT}/{tenantid}/v2.0`, {
      ofToken: { iss: `${MICROSOFT}/${TENANT}/v2.0` },
      metadata: metadataOf(`${MICROSOFT}/common/v2.0`, { issuer: `${MICROSOFT}/{tenantid}/v2.0` }),
    }),
    proposes: { username: 'ada', email: 'ada@contoso.example' },
    roles: [],
    cancels: { error: 'access_denied', error_description: 'AADSTS65004: UserDeclinedConsent' },
  },
  // https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps: no OpenID Connect, numbers as
  // subjects, scopes separated by commas, `bearer` in small letters.
  'GitHub, OAuth app': {
    ...GITHUB,
    confirms: 'octocat@example.org',
    faults: {
      answeredIssuer: null,
      tokens: ({ access_token }) => ({ access_token, token_type: 'bearer', scope: 'read:org,user:email' }),
      at: {
        '/user': answer(GITHUB_USER),
        '/user/emails': answer([
          { email: 'old@example.org', verified: true, primary: false, visibility: null },
          { email: 'octocat@example.org', verified: true, primary: true, visibility: 'public' },
        ]),
        '/user/orgs?per_page=100': answer([{ login: 'Acme', id: 1 }]),
      },
    },
  },
  // https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app: tokens that expire, an empty scope,
  // and 403 without the permission for addresses (https://docs.github.com/rest/users/emails).
  'GitHub App': {
    ...GITHUB,
    faults: {
      answeredIssuer: null,
      tokens: ({ access_token }) => ({
        access_token,
        expires_in: 28_800,
        refresh_token: 'ghr_x',
        refresh_token_expires_in: 15_897_600,
        scope: '',
        token_type: 'bearer',
      }),
      at: {
        '/user': answer(GITHUB_USER),
        '/user/emails': answer({ message: 'Resource not accessible by integration', status: '403' }, 403),
        '/user/orgs?per_page=100': answer([{ login: 'acme' }]),
      },
    },
  },
  // https://docs.gitlab.com/integration/openid_connect_provider/: an ID token without the profile, which UserInfo has.
  GitLab: {
    name: 'gitlab',
    hosts: ['gitlab.com'],
    settings: { gitlabClientId: CLIENT.id, gitlabClientSecret: CLIENT.secret },
    profile: { sub: '1824' },
    faults: issuedBy('https://gitlab.com', {
      userInfo: {
        nickname: 'ada.l',
        preferred_username: 'ada.l',
        email: 'ada@example.org',
        email_verified: true,
        groups: ['acme/team'],
        picture: null,
        website: '',
      },
      tokens: (right) => ({ ...right, created_at: 1_700_000_000, scope: 'openid profile email' }),
    }),
    proposes: { username: 'ada.l', email: '' },
    confirms: 'ada@example.org',
    roles: [],
    // https://docs.gitlab.com/api/oauth2/, by https://github.com/doorkeeper-gem/doorkeeper (config/locales/en.yml)
    cancels: {
      error: 'access_denied',
      error_description: 'The resource owner or authorization server denied the request.',
    },
  },
  // https://docs.discord.com/developers/topics/oauth2 and …/resources/user: no ID token is requested, members may be null.
  // https://discord.com/.well-known/oauth-authorization-server: the response has `iss`.
  Discord: {
    name: 'discord',
    hosts: ['discord.com'],
    settings: { discordClientId: CLIENT.id, discordClientSecret: CLIENT.secret },
    profile: {},
    faults: {
      answeredIssuer: 'https://discord.com',
      tokens: (right) => ({
        ...right,
        expires_in: 604_800,
        scope: 'email identify',
        id_token: 'not requested',
      }),
      at: {
        '/api/users/@me': answer({
          id: '80351110224678912',
          username: 'nelly',
          discriminator: '0',
          global_name: null,
          avatar: null,
          verified: null,
          email: null,
        }),
      },
    },
    proposes: { username: 'nelly', email: '' },
    roles: [],
    cancels: {
      error: 'access_denied',
      error_description: 'The resource owner or authorization server denied the request',
    },
  },
  // https://developer.apple.com/documentation/signinwithapplerestapi: a form, a signed secret, no UserInfo, booleans that
  // may be strings, and a name that only the browser brings.
  Apple: {
    name: 'apple',
    hosts: ['appleid.apple.com'],
    settings: {
      appleClientId: CLIENT.id,
      appleTeamId: 'TEAM',
      appleKeyId: 'KEY',
      applePrivateKey: String(appleKey.export({ type: 'pkcs8', format: 'pem' })),
    },
    profile: {
      sub: '000544.5e201aec537347aeb79d23cbc345170a.1321',
      email: 'x1@privaterelay.appleid.com',
      email_verified: 'true',
      is_private_email: 'true',
      nonce_supported: true,
    },
    faults: issuedBy('https://appleid.apple.com', {
      authenticates: (fields) => fields.get('client_secret')?.split('.').length === 3,
      metadata: { userinfo_endpoint: undefined },
      parameters: { user: '{"name":{"firstName":"Ada","lastName":null}}' },
    }),
    isFormPost: true,
    proposes: { username: '', email: 'x1@privaterelay.appleid.com' },
    roles: [],
    cancels: { error: 'user_cancelled_authorize' },
  },
  // https://www.keycloak.org/docs/latest/server_admin/: roles are nested, groups have their path, and the response has
  // `session_state` and `iss`. The operator has copied the issuer with a slash too many.
  Keycloak: {
    name: 'acme',
    hosts: ['keycloak.example.org'],
    settings: oidc('https://keycloak.example.org/realms/one/', {
      oidcAcmeGroupsClaim: 'realm_access.roles',
      oidcAcmeAllowedGroups: 'staff',
      oidcAcmeRoles: 'staff=editor, /all=reader',
    }),
    profile: {
      sub: 'f1b9c4a7-6b3e-4d6a-9a86-7a2f6f9d2a11',
      preferred_username: 'ada.l',
      email: 'ada@example.org',
      email_verified: false,
      realm_access: { roles: ['default-roles-one', 'staff', null] },
      groups: ['/all'],
    },
    faults: issuedBy('https://keycloak.example.org/realms/one', {
      answeredIssuer: 'https://keycloak.example.org/realms/one',
      metadata: { authorization_response_iss_parameter_supported: true },
      parameters: { session_state: 'c2d3' },
      tokens: (right) => ({ ...right, 'not-before-policy': 0, refresh_expires_in: 1_800, scope: 'openid' }),
    }),
    proposes: { username: 'ada.l', email: 'ada@example.org' },
    roles: ['editor'],
    cancels: { error: 'access_denied' },
    refuses: { error: 'temporarily_unavailable', error_description: 'authentication_expired' },
  },
  // https://docs.goauthentik.io/add-secure-apps/providers/oauth2/: the issuer of an application ends with a slash, which the
  // operator has left out; subjects are hashes, groups have names with spaces.
  authentik: {
    name: 'acme',
    hosts: ['authentik.example.org'],
    settings: oidc('https://authentik.example.org/application/o/site', {
      oidcAcmeAllowedGroups: 'authentik Admins',
    }),
    profile: {
      sub: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      preferred_username: 'ada.l',
      nickname: 'ada.l',
      groups: ['authentik Admins', 'People'],
    },
    faults: issuedBy('https://authentik.example.org/application/o/site/'),
    proposes: { username: 'ada.l', email: '' },
    roles: [],
    cancels: { error: 'access_denied', error_description: 'The resource owner denied the request' },
  },
  // https://learn.microsoft.com/windows-server/identity/ad-fs/development/ad-fs-openid-connect-oauth-concepts: UserInfo has
  // `sub` alone and refuses tokens of another resource; claims without a short name have an address, one value is a text.
  ADFS: {
    name: 'acme',
    hosts: ['adfs.example.org'],
    settings: oidc('https://adfs.example.org/adfs', {
      oidcAcmeGroupsClaim: 'http://schemas.xmlsoap.org/claims/Group',
      oidcAcmeAllowedGroups: '"CN=Staff,OU=Groups,DC=example,DC=org"',
    }),
    profile: {
      sub: 'QXm/3+Zr0a8lUQm+ZCcSgQrQ0n5z7ZVkYd1Qm0w2/8M=',
      upn: 'ada@example.org',
      unique_name: 'EXAMPLE\\ada',
      'http://schemas.xmlsoap.org/claims/Group': 'CN=Staff,OU=Groups,DC=example,DC=org',
    },
    faults: issuedBy('https://adfs.example.org/adfs', {
      at: {
        '/adfs/userinfo': answer({ error: 'invalid_token' }, 401, {
          'www-authenticate': 'Bearer error="invalid_token", error_description="MSIS9921"',
        }),
      },
      tokens: (right) => ({ ...right, token_type: 'bearer', resource: CLIENT.id }),
    }),
    proposes: { username: '', email: '' },
    roles: [],
    cancels: { error: 'access_denied', error_description: 'MSIS9604: The user declined.' },
  },
  // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/: client_secret_basic, groups in UserInfo.
  Okta: {
    name: 'acme',
    hosts: ['acme.okta.com'],
    settings: oidc('https://acme.okta.com/oauth2/default', {
      oidcAcmeAllowedGroups: 'Everyone',
      oidcAcmeScopes: 'groups',
    }),
    profile: { sub: '00uid4BxXw6I6TV4m0g3' },
    faults: issuedBy('https://acme.okta.com/oauth2/default', {
      metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_jwt'] },
      authenticates: (_, authorization = '') => authorization.startsWith('Basic '),
      userInfo: {
        preferred_username: 'ada@example.org',
        email: 'ada@example.org',
        groups: ['Everyone'],
        zoneinfo: null,
      },
    }),
    proposes: { username: 'ada', email: 'ada@example.org' },
    roles: [],
    cancels: { error: 'access_denied', error_description: 'Resource owner denied the request.' },
    // https://github.com/tailscale/tailscale/issues/3334
    refuses: {
      error: 'access_denied',
      error_description: 'User is not assigned to the client application.',
    },
  },
  // https://auth0.com/docs/tokens/create-namespaced-custom-claims: claims of one’s own have an address as their name, the
  // issuer ends with a slash, and subjects have a bar and what other providers put behind it.
  Auth0: {
    name: 'acme',
    hosts: ['acme.eu.auth0.com'],
    settings: oidc('https://acme.eu.auth0.com', {
      oidcAcmeGroupsClaim: 'https://site.example.org/roles',
      oidcAcmeRoles: 'staff=editor',
    }),
    profile: {
      sub: 'samlp|Contoso|Ada Lovelace ',
      nickname: 'ada',
      email: 'ada@example.org',
      email_verified: true,
      updated_at: '2026-01-01T00:00:00.000Z',
      'https://site.example.org/roles': ['staff'],
    },
    faults: issuedBy('https://acme.eu.auth0.com/'),
    proposes: { username: 'ada', email: 'ada@example.org' },
    roles: ['editor'],
    cancels: { error: 'access_denied', error_description: 'User did not authorize the request' },
    // https://auth0.com/docs/customize/rules: a rule refuses.
    refuses: { error: 'unauthorized', error_description: 'user is blocked' },
  },
};
