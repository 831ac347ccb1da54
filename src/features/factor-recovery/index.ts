import { defineFeature } from '../../auth/feature.ts';
import { bounds, changes, emails, events, flashes, limits, tokens } from './definitions.ts';
import { completeRecovery, lostPage, proveLost, waitForRecovery } from './lost.ts';
import { noteProvenPassword } from './recovery.ts';
import { remindDaily } from './remind.ts';
import { recoverySettings } from './settings.ts';
import {
  mailedStopPage,
  recoveryBanner,
  stopAfterProof,
  stopByMail,
  stopInSession,
  stopPage,
} from './stop.ts';
import * as words from './words.ts';

/** For users who have lost the second factor and the recovery codes: two other proofs, or waiting while all are notified. */
export const factorRecovery = defineFeature({
  name: 'factor-recovery',
  words,
  settings: recoverySettings,
  events,
  flashes,
  limits,
  emails,
  tokens,
  changes,
  bounds,
  pages: [lostPage, mailedStopPage, stopPage],
  actions: [proveLost, waitForRecovery, completeRecovery, stopByMail, stopInSession],
  compose: (core) => ({
    afterSignIn: [stopAfterProof(core), noteProvenPassword(core)],
    banners: [recoveryBanner(core)],
    expiring: [remindDaily(core)],
  }),
});
