import type { Page } from 'playwright-core';

export type VirtualAuthenticator = {
  /** Whether its user passes its check, such as by the right finger. */
  readonly setVerified: (isVerified: boolean) => Promise<void>;
  /** Whether it answers by itself; without, a request waits. */
  readonly setPresence: (isPresent: boolean) => Promise<void>;
};

type Options = {
  readonly hasResidentKey?: boolean;
  readonly hasUserVerification?: boolean;
};

/**
 * Adds an authenticator to Chromium, which then asks it instead of the user. Each page has its own.
 * @see https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
 */
export async function addVirtualAuthenticator(
  page: Page,
  { hasResidentKey = true, hasUserVerification = true }: Options = {},
): Promise<VirtualAuthenticator> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey,
      hasUserVerification,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: true,
      defaultBackupState: true,
    },
  });
  return {
    setVerified: async (isUserVerified) => {
      await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    setPresence: async (enabled) => {
      await client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
  };
}
