import {
  CLOCK_TOLERANCE,
  type Examination,
  type ExaminationParts,
  examineProvider,
  namedSettings,
  PROOF_TOLERANCE,
  type Provider,
  redirectUri,
} from '../../features/external-sign-in/index.ts';
import { SECOND } from '../../platform/runtime/index.ts';
import { pageUrl } from '../../platform/web/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import { type Check, type Finding, quoted, type Report } from './findings.ts';
import { adviseOnOutbound, route } from './outbound.ts';

/** A provider, and what its settings are called; null where an application defines it. */
type Subject = { readonly provider: Provider; readonly names: Names | null };
type Names = ReturnType<typeof namedSettings>;

/** Given by tests. */
type Resolve = Partial<Pick<ExaminationParts, 'resolve'>>;

/**
 * The checks of all providers, each under its name.
 * @param own those that an application defines
 */
export function providerChecks(
  { providers }: GivenValues,
  own: readonly Provider[] = [],
  resolve: Resolve = {},
): Readonly<Record<string, Check<GivenValues>>> {
  const subjects: readonly Subject[] = [
    ...providers.map((provider) => ({ provider, names: namedSettings(provider) })),
    ...own.map((provider) => ({ provider, names: null })),
  ];
  return Object.fromEntries(
    subjects.map((subject) => [
      `provider ${subject.provider.name}`,
      (settings, report) => checkProvider(subject, { ...partsOf(settings), ...resolve }, report),
    ]),
  );
}

function partsOf(settings: GivenValues): ExaminationParts {
  return { baseUrl: settings.baseUrl, proxies: settings, pageUrl: (path) => pageUrl(path, settings) };
}

/** Whether users could sign in with a provider, as far as that shows without one. */
async function checkProvider(
  subject: Subject,
  parts: ExaminationParts,
  report: Report,
): Promise<readonly Finding[]> {
  const found = await examineProvider(subject.provider, parts);
  const callback = redirectUri(subject.provider, parts);
  return [
    ...reached(subject, found, report),
    ...clock(found, report),
    ...keys(found, report),
    ...client(subject, found, report),
    ...users(subject, found, report),
    ...redirect(subject, found, callback, report),
  ];
}

function reached({ names }: Subject, found: Examination, { ok, fault }: Report): readonly Finding[] {
  const { address, proxy, discovery, client } = found;
  const failure =
    discovery?.kind === 'unreachable'
      ? discovery.failure
      : discovery === null && client?.kind === 'unreachable'
        ? client.failure
        : null;
  if (failure !== null) {
    const what = `${address.origin} was not reached ${route(proxy)}: ${failure.code ?? failure.reason}`;
    const isInside = failure.code === 'address-not-public' && names !== null;
    const inside = `if it is on a private network, set ${names?.prefix}_NETWORK=inside; see that the address is right`;
    return [fault(what, isInside ? inside : adviseOnOutbound(failure.code))];
  }
  return [ok(`${address.origin} answers ${route(proxy)}`), ...issuer(names, found, { ok, fault })];
}

function issuer(
  names: Names | null,
  { address, discovery, unusable }: Examination,
  { ok, fault }: Pick<Report, 'ok' | 'fault'>,
): readonly Finding[] {
  if (discovery === null || discovery.kind === 'unreachable') return [];
  const setting = names === null ? 'its issuer' : (names.address ?? `${names.prefix}_CLIENT_ID`);
  if (discovery.kind === 'missing') {
    const what = `there is no metadata at ${discovery.address} (status ${discovery.status})`;
    return [fault(what, adviseOnMissing(discovery, setting))];
  }
  const isOther = unusable?.code === 'issuer-differs';
  if (unusable !== null && !isOther)
    return [
      fault(
        `its metadata cannot be used: ${unusable.code ?? unusable.reason}`,
        'see that all addresses in it are https: and that it names those for signing in, tokens and keys',
      ),
    ];
  if (discovery.difference === null) return [ok(`its issuer is ${discovery.issuer}`)];
  if (!isOther) return [ok(`its issuer is ${discovery.issuer}, and ${setting} leads to it`)];
  const what = `it calls itself ${discovery.issuer}, and ${setting} is ${address.href}`;
  return [fault(what, adviseOnDifference(discovery, setting))];
}

type Discovery = NonNullable<Examination['discovery']>;

function adviseOnMissing(
  { nearby, location }: Extract<Discovery, { kind: 'missing' }>,
  setting: string,
): string {
  if (setting.endsWith('_TENANT'))
    return `see that ${setting} is the id or a domain of the tenant, and that the tenant exists`;
  if (nearby !== null) return `set ${setting} to ${nearby}, whose metadata was found nearby`;
  if (location !== null)
    return `it redirects to ${quoted(location)}, which is not followed: set ${setting} to the issuer there`;
  return `set ${setting} to what the provider’s documentation calls its issuer: the address without /.well-known/…, and not that of an endpoint`;
}

function adviseOnDifference(
  { issuer, difference }: Extract<Discovery, { kind: 'found' }>,
  setting: string,
): string {
  if (setting.endsWith('_TENANT'))
    return `see that ${setting} is the id or a domain of the tenant that is meant`;
  const advice = {
    scheme: `let the provider know its public address (Keycloak: KC_HOSTNAME; others: X-Forwarded-Proto of the proxy before it), for tokens of ${issuer} are not accepted`,
    host: `set ${setting} to ${issuer} if that is the provider that is meant`,
    path: `set ${setting} to ${issuer}, if that is the tenant or realm that is meant`,
    'whole-address': `set ${setting} to ${issuer}`,
  };
  // A final slash alone is no fault.
  return advice[difference === null || difference === 'final-slash' ? 'path' : difference];
}

/** From here on, a sign-in is no fresh authentication, and what we sign may be refused. */
const NOTABLE_SKEW = PROOF_TOLERANCE * SECOND;
const VISIBLE_SKEW = 10 * SECOND;

function clock({ skew }: Examination, { ok, warning, fault }: Report): readonly Finding[] {
  if (skew === null) return [];
  const seconds = Math.round(Math.abs(skew) / SECOND);
  const what = `its clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} that of this machine`;
  const fix =
    'let chrony or systemd-timesyncd set the clock of this machine; if the database and other providers agree with it, the provider’s operator has to set theirs';
  if (seconds > CLOCK_TOLERANCE)
    return [fault(`${what}, and tokens are refused from ${CLOCK_TOLERANCE} s on`, fix)];
  if (Math.abs(skew) > NOTABLE_SKEW)
    return [warning(`${what}, and counts for no fresh authentication from ${PROOF_TOLERANCE} s on`, fix)];
  return [
    Math.abs(skew) > VISIBLE_SKEW ? warning(what, fix) : ok(`its clock is within ${seconds + 1} s of ours`),
  ];
}

function keys({ keys }: Examination, { ok, fault }: Report): readonly Finding[] {
  if (keys === null) return [];
  if (keys.kind === 'unreachable') {
    const what = `its keys at ${keys.address} were not reached: ${keys.failure.code ?? keys.failure.reason}`;
    return [fault(what, adviseOnOutbound(keys.failure.code))];
  }
  if (keys.kind === 'malformed')
    return [
      fault(
        `there are no keys at ${keys.address} (status ${keys.status})`,
        'see that the provider publishes its key set there',
      ),
    ];
  const accepted = keys.accepted.join(', ');
  if (accepted === '')
    return [
      fault(
        `it signs tokens with ${keys.offered.join(', ')} only, which is not accepted`,
        'give it an RSA or EC key to sign with, such as for RS256 or ES256 (authentik: the signing key of the provider)',
      ),
    ];
  if (keys.usable > 0) return [ok(`${keys.usable} of its ${keys.all} keys can verify tokens (${accepted})`)];
  return [
    fault(
      `none of its ${keys.all} keys can verify a token (${accepted})`,
      'let it publish the key that it signs with: RSA of 2,048 bits or more, or a curve that fits the algorithm',
    ),
  ];
}

/** @returns null if the provider supports the method of the settings, or does not say */
function adviseOnMethod({ provider, names }: Subject, methods: readonly string[]): string | null {
  const isSigning = 'privateKey' in provider.client;
  const own = isSigning ? ['private_key_jwt'] : ['client_secret_basic', 'client_secret_post'];
  if (methods.length === 0 || methods.some((method) => own.includes(method))) return null;
  const prefix = names === null ? '' : `${names.prefix}_`;
  const other = isSigning ? `${prefix}CLIENT_SECRET` : `${prefix}PRIVATE_KEY`;
  return `it supports ${methods.join(', ')} alone; if that is so, give ${other} instead, or let it support ${own.join(' or ')}`;
}

function client(
  subject: Subject,
  { client }: Examination,
  { ok, warning, fault }: Report,
): readonly Finding[] {
  const { provider, names } = subject;
  const id = names === null ? 'its client id' : `${names.prefix}_CLIENT_ID`;
  const isSigned = 'privateKey' in provider.client || typeof provider.client.secret === 'function';
  const proof = isSigned ? 'key' : 'secret';
  if (client === null) return [];
  if (client.kind === 'accepted')
    return [ok(`it takes ${id} with its ${proof} (an invalid code is answered with ${client.error})`)];
  const said = client.kind === 'unreachable' || client.said === '' ? '' : ` ${quoted(client.said)}`;
  if (client.kind === 'refused') {
    const fix =
      adviseOnMethod(subject, client.methods) ??
      `see that ${id} and its ${proof} are those of this application there, and have not expired`;
    return [fault(`it refuses this application: ${client.error}${said}`, fix)];
  }
  // Without discovery, this request also showed whether the provider answers.
  if (client.kind === 'unreachable')
    return provider.protocol.kind === 'oauth'
      ? []
      : [
          fault(
            `its token endpoint ${client.address} was not reached: ${client.failure.code ?? client.failure.reason}`,
            adviseOnOutbound(client.failure.code),
          ),
        ];
  const what = `whether it takes ${id} with its ${proof} shows at a sign-in only`;
  if (client.error !== null) return [ok(`${what}: ${client.error}${said}`)];
  const fix =
    'see that the token endpoint of the provider works, and that no proxy or firewall answers instead';
  return [warning(`its token endpoint answers an invalid code with status ${client.status}`, fix)];
}

/** The user's claims come from there; of OpenID Connect, those that the token lacks. */
function users(
  { provider }: Subject,
  { users, client, address }: Examination,
  { ok, warning, fault }: Report,
): readonly Finding[] {
  const isReached = client !== null && client.kind !== 'unreachable';
  // What leads nowhere at all is reported once.
  if (users === null || !isReached) return [];
  const { failure } = users;
  if (failure === null)
    return users.address.origin === address.origin
      ? []
      : [ok(`${users.address.origin}, which describes its users, answers`)];
  const what = `${users.address.href}, which describes its users, was not reached: ${failure.code ?? failure.reason}`;
  const report = provider.protocol.kind === 'oauth' ? fault : warning;
  return [report(what, adviseOnOutbound(failure.code))];
}

function redirect(
  { provider, names }: Subject,
  { redirect }: Examination,
  callback: URL,
  { ok, warning, fault }: Report,
): readonly Finding[] {
  const problem = provider.refusesRedirect?.(callback) ?? null;
  if (problem !== null)
    return [
      warning(
        `the redirect address ${callback.href} cannot be registered: ${problem}`,
        'give BASE_URL another',
      ),
    ];
  if (redirect?.kind === 'accepted') return [ok(`it redirects to ${callback.href}`)];
  if (redirect?.kind === 'refused')
    return [
      fault(
        `it does not redirect to ${callback.href}: ${quoted(redirect.said)}`,
        `register exactly that address there, and see that BASE_URL${names === null ? '' : ` and ${names.prefix}_CLIENT_ID`} are right`,
      ),
    ];
  if (redirect?.kind === 'failing') {
    const said = redirect.said === '' ? '' : ` ${quoted(redirect.said)}`;
    const fix =
      'let the provider permit this application the code flow and its scopes: openid, email, profile';
    return [fault(`it refuses every sign-in: ${redirect.error}${said}`, fix)];
  }
  return [ok(`redirect address to be registered there: ${callback.href}`)];
}
