import type { Configuration, CustomFetchOptions } from 'openid-client';
import { z } from 'zod';
import { resultOrNull, SECOND } from '../../../platform/runtime/index.ts';
import { type Failure, failureFrom, refusalFrom } from '../client/failure.ts';
import { PROVIDER_TIMEOUT, type ProviderClient } from '../client/provider-client.ts';

/** A response of a provider. */
export type Exchange = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

/** Requests of an examination. They are made as those of a sign-in are. */
export type Exchanges = {
  /** A GET request. */
  readonly get: (address: string) => Promise<Exchange | Failure>;
  /** Keeps the responses to requests that the protocol's library makes. */
  readonly watch: (configuration: Configuration) => Promise<void>;
  /** The last response. */
  readonly last: () => Exchange | null;
  /**
   * By how many milliseconds the provider's clock is ahead of ours, by the header `Date` (RFC 9110 §6.6.1) of the response
   * that took the least time; null if no response has one.
   */
  readonly skew: () => number | null;
};

type Fetch = (address: string, options: CustomFetchOptions) => Promise<Response>;

export function createExchanges(client: ProviderClient): Exchanges {
  let last: Exchange | null = null;
  let best: { readonly skew: number; readonly duration: number } | null = null;
  const keeping =
    (fetch: Fetch): Fetch =>
    async (address, options) => {
      const before = Date.now();
      const response = await fetch(address, options);
      const duration = Date.now() - before;
      const skew = skewOf(response.headers, before + duration / 2);
      if (skew !== null && duration < (best?.duration ?? Number.POSITIVE_INFINITY)) best = { skew, duration };
      last = {
        status: response.status,
        headers: response.headers,
        text: await response.clone().text(),
      };
      return response;
    };
  const fetch = keeping(client.fetch);
  return {
    get: async (address) => {
      const headers = { accept: 'application/json' };
      const signal = AbortSignal.timeout(PROVIDER_TIMEOUT);
      try {
        const response = await fetch(address, {
          method: 'GET',
          headers,
          body: undefined,
          redirect: 'manual',
          signal,
        });
        return { status: response.status, headers: response.headers, text: await response.text() };
      } catch (error) {
        return failureFrom(error);
      }
    },
    watch: async (configuration) => {
      const openid = await import('openid-client');
      configuration[openid.customFetch] = keeping(client.fetch);
    },
    last: () => last,
    skew: () => best?.skew ?? null,
  };
}

function skewOf(headers: Headers, now: number): number | null {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) return null;
  // A response out of a cache has the date of its making (RFC 9111 §5.1); the header leaves out fractions.
  const age = Number(headers.get('age') ?? 0);
  return date + (Number.isFinite(age) ? age : 0) * SECOND + SECOND / 2 - now;
}

/** The JSON of a response, as far as it has the form of a schema. */
export function jsonOf<Value>({ text }: Exchange, schema: z.ZodType<Value>): Value | null {
  return schema.safeParse(resultOrNull(() => JSON.parse(text))).data ?? null;
}

const errorBody = z.object({ error: z.string(), error_description: z.string().nullish() });

/** An error of a provider, and its own description, shortened. */
export type ProviderError = { readonly error: string; readonly said: string };

/** The error of a response (RFC 6749 §5.2), in JSON or as a form, whatever its status is; null without one. */
export function errorOf(exchange: Exchange): ProviderError | null {
  const asForm = Object.fromEntries(new URLSearchParams(exchange.text));
  const body = jsonOf(exchange, errorBody) ?? errorBody.safeParse(asForm).data;
  return body === undefined ? null : providerError(body.error, body.error_description ?? null);
}

/** @param description in the provider's words, which may quote what was sent */
export function providerError(error: string, description: string | null): ProviderError {
  const { code, providerSaid = '' } = refusalFrom(error, description);
  return { error: code ?? 'an error without a code', said: providerSaid };
}
