import { defineService } from '../../auth/services.ts';
import { BREACH_TIMEOUT, breachCheckFor } from './breaches/breach-check.ts';
import { createHasher, type Hasher } from './hashing/hasher.ts';
import { measureHashing } from './hashing/metrics.ts';
import { createPeppers } from './hashing/peppers.ts';
import { createPasswords } from './passwords.ts';
import { passwordSettings } from './settings.ts';

/** Measures hashing, where metrics are on. */
export const hashingMetrics = defineService({
  create: ({ metrics }) => (metrics === null ? null : measureHashing(metrics.registry)),
});

/** The hashing threads of this node. */
export const hasherService = defineService({
  needs: { measured: hashingMetrics },
  create: ({ settingsOf }, { measured }): Hasher => {
    const { passwordHash, passwordPepper } = settingsOf(passwordSettings);
    const peppers = createPeppers(passwordPepper ?? []);
    return createHasher(passwordHash, { peppers, observe: measured?.observe ?? null });
  },
});

/** How long the service that knows breached passwords may take to answer, in milliseconds. */
export const breachTimeout = defineService({ create: () => BREACH_TIMEOUT });

export const breachCheckService = defineService({
  needs: { timeout: breachTimeout },
  create: ({ settings, settingsOf, clock, announce }, { timeout }) =>
    breachCheckFor(settingsOf(passwordSettings), { clock, announce, timeout, proxies: settings }),
});

/** What every feature calls that sets, checks or replaces a password. */
export const passwordsService = defineService({
  needs: { hasher: hasherService, breaches: breachCheckService },
  create: ({ database, clock, settings, settingsOf, slots }, { hasher, breaches }) =>
    createPasswords({
      database,
      hasher,
      breaches,
      clock,
      minimumCodePoints: settingsOf(passwordSettings).passwordMinLength,
      siteName: settings.siteName,
      onDisabled: (context, accountId) => slots().afterPasswordDisabled(context, accountId),
    }),
});
