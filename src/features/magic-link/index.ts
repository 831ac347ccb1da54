import { defineFeature } from '../../auth/feature.ts';
import type { Wording } from '../../platform/words/index.ts';
import { codePage, submitCode } from './code.ts';
import { bounds, cookies, emails, events, limits, tokens } from './definitions.ts';
import { linkPage, signInByLink } from './link.ts';
import { requestLink, requestPage } from './request.ts';
import { magicLinkFaults, magicLinkSettings } from './settings.ts';
import { magicLinkMethod } from './sign-in-link.ts';
import * as words from './words.ts';
import { requestWords } from './words.ts';

/** Signs users in by the link or the code of a mail instead of their password, where `MAGIC_LINK` is on. */
export const magicLink = defineFeature({
  name: 'magic-link',
  words,
  bounds,
  methodLabels: { 'magic-link': (words) => words(requestWords).method },
  cookies,
  limits,
  events,
  settings: magicLinkSettings,
  settingFaults: magicLinkFaults,
  emails,
  tokens,
  isOn: ({ settingsOf }) => settingsOf(magicLinkSettings).magicLink === 'on',
  pages: [requestPage, codePage, linkPage],
  actions: [requestLink, submitCode, signInByLink],
  compose: (core) => {
    const isOn = core.settingsOf(magicLinkSettings).magicLink === 'on';
    const label = (words: Wording) => words(requestWords).instead;
    const link = { position: 10, path: '/login/link', label };
    return { signInMethods: [magicLinkMethod(core)], signInLinks: isOn ? [link] : [] };
  },
});
