import { defineId, type Id } from '../../platform/text/index.ts';

/** The id of a sign-in at a provider; until a session begins with it, only the credential of the proof names it. */
export type FederatedLoginId = Id<'federated-login'>;
export const federatedLoginIds = defineId<'federated-login'>();
