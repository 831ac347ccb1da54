import type { Provider } from './provider.ts';

/** What whoever runs the site says of a provider, beside who this site is there. */
export type SiteRules = {
  readonly scopes: readonly string[] | undefined;
  readonly tokens: 'drop' | 'keep';
  readonly newAccounts: 'ask' | 'automatic' | 'none';
};

/** What a provider has to be asked for so that its tokens can be refreshed. */
export type Lasting = Pick<Provider, 'parameters'> & { readonly scopes?: readonly string[] };

/** A provider as the settings want it. */
export function withRules(
  provider: Provider,
  { scopes = [], tokens, newAccounts }: SiteRules,
  lasting: Lasting = {},
): Provider {
  const isKept = tokens === 'keep';
  const all = [...provider.scopes, ...scopes, ...(isKept ? (lasting.scopes ?? []) : [])];
  return {
    ...provider,
    scopes: [...new Set(all)],
    ...(isKept && { parameters: { ...provider.parameters, ...lasting.parameters } }),
    keepsTokens: isKept,
    newAccounts,
  };
}
