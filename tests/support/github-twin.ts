import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fieldsOf, type ProviderServer, startProviderServer } from './provider-server.ts';
import { CLIENT } from './twin-provider.ts';

/** A server that speaks OAuth 2 as GitHub does, and knows one person. */
export type GithubTwin = ProviderServer & {
  user: Readonly<Record<string, unknown>>;
  emails: readonly Readonly<Record<string, unknown>>[];
  organisations: readonly string[];
  readonly signIn: (authorization: URL) => URL;
};

export async function startGithubTwin(): Promise<GithubTwin> {
  const challenges = new Map<string, string>();
  const server = await startProviderServer(() => (request, response) => {
    const isKnown = request.headers.authorization === 'Bearer github-access';
    if (request.url === '/login/oauth/access_token') return void answerToken(request, response, challenges);
    if (request.url === '/api/v3/user' && isKnown) return json(response, twin.user);
    if (request.url === '/api/v3/user/emails' && isKnown) return json(response, twin.emails);
    if (request.url === '/api/v3/user/orgs?per_page=100' && isKnown)
      return json(
        response,
        twin.organisations.map((login) => ({ login })),
      );
    response.writeHead(401).end();
  });
  const twin: GithubTwin = Object.assign(server, {
    user: { id: 583_231, login: 'octocat', name: 'The Octocat' },
    emails: [{ email: 'octocat@example.org', primary: true, verified: true }],
    organisations: [],
    signIn: (authorization: URL) => {
      const asked = authorization.searchParams;
      const code = `code ${challenges.size}`;
      challenges.set(code, String(asked.get('code_challenge')));
      const back = new URL(String(asked.get('redirect_uri')));
      back.searchParams.set('code', code);
      back.searchParams.set('state', String(asked.get('state')));
      return back;
    },
  });
  return twin;
}

async function answerToken(
  request: IncomingMessage,
  response: ServerResponse,
  challenges: Map<string, string>,
): Promise<void> {
  const fields = await fieldsOf(request);
  const verifier = hash('sha256', String(fields.get('code_verifier')), 'base64url');
  const isRight =
    fields.get('client_secret') === CLIENT.secret && challenges.get(String(fields.get('code'))) === verifier;
  if (!isRight) return json(response, { error: 'bad_verification_code' });
  json(response, { access_token: 'github-access', token_type: 'bearer', scope: 'read:user,user:email' });
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
