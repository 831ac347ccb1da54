import { IMMUTABLE, NO_PAGE, NO_STORE, securityHeaders, WORKER } from './headers.ts';
import { type ProblemStatus, problemBody } from './problems.ts';

/** Builds every answer, so that none goes out without the fixed headers. */
export type Answers = ReturnType<typeof createAnswers>;

type MoreHeaders = Readonly<Record<string, string>>;

export type AnswerParts = {
  readonly isSecure: boolean;
  /** Where browsers report violations of the Content-Security-Policy; null for nowhere. */
  readonly reportsPath: string | null;
  /** The origins to which a form may lead besides this one. */
  readonly trustedOrigins: readonly string[];
  /** How a 401 is answered: the title of its problem, and the challenge (RFC 9110 §15.5.2). */
  readonly unauthorized: { readonly title: string; readonly challenge: string };
};

export function createAnswers({ isSecure, reportsPath, trustedOrigins, unauthorized }: AnswerParts) {
  const security = securityHeaders(isSecure, reportsPath, trustedOrigins);
  const noPage = { ...security, ...NO_PAGE };
  const html = { 'content-type': 'text/html; charset=utf-8', ...NO_STORE, ...security };
  const json = { 'content-type': 'application/json', ...NO_STORE, ...noPage };
  const problem = { 'content-type': 'application/problem+json', ...NO_STORE, ...noPage };
  const text = { 'content-type': 'text/plain; charset=utf-8', ...NO_STORE, ...noPage };
  const redirect = { ...NO_STORE, ...security };
  const challenge = { 'www-authenticate': unauthorized.challenge };
  const challengeOf = (status: number): MoreHeaders => (status === 401 ? challenge : {});
  const noContent = { ...NO_STORE, ...noPage };
  return {
    security,
    html: (status: number, body: string, more?: MoreHeaders): Response =>
      new Response(body, { status, headers: { ...html, ...challengeOf(status), ...more } }),
    json: (body: unknown, more?: MoreHeaders, status = 200): Response =>
      new Response(JSON.stringify(body), { status, headers: { ...json, ...more } }),
    /** A file of JSON to be kept, sent while it is made. @param chunks its text, in parts */
    download: (fileName: string, chunks: AsyncIterable<string>): Response =>
      new Response(streamOf(chunks), {
        status: 200,
        headers: { ...json, 'content-disposition': `attachment; filename="${fileName}"` },
      }),
    /** @param members of the problem besides its status and title (RFC 9457 §3.2) */
    problem: (
      status: ProblemStatus,
      more?: MoreHeaders,
      members?: Readonly<Record<string, unknown>>,
    ): Response =>
      new Response(problemBody(status, unauthorized.title, members), {
        status,
        headers: { ...problem, ...challengeOf(status), ...more },
      }),
    text: (status: number, body: string, more?: MoreHeaders): Response =>
      new Response(body, { status, headers: { ...text, ...more } }),
    /** 303 See Other. @param path of this origin as browsers request it, or an address */
    redirect: (path: string, more?: MoreHeaders): Response =>
      new Response(null, { status: 303, headers: { ...redirect, location: path, ...more } }),
    /** 308 Permanent Redirect, to the one spelling of a path of this origin. */
    moved: (path: string): Response =>
      new Response(null, { status: 308, headers: { ...redirect, location: path } }),
    noContent: (): Response => new Response(null, { status: 204, headers: noContent }),
    /** A file whose name changes with its content. */
    file: (body: string, contentType: string): Response =>
      new Response(body, {
        status: 200,
        headers: { 'content-type': contentType, ...IMMUTABLE, ...noPage },
      }),
    /** The same of a script that runs as a worker. */
    worker: (body: string, contentType: string): Response =>
      new Response(body, {
        status: 200,
        headers: { 'content-type': contentType, ...IMMUTABLE, ...noPage, ...WORKER },
      }),
  };
}

/** Asks for the next part when the one before is sent, so that a slow client keeps one in memory. */
function streamOf(chunks: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: async () => {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
