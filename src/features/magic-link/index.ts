import type { Core } from '../../auth/core.ts';
import { defineFeature, type Route } from '../../auth/feature.ts';
import { paths } from '../../auth/paths.ts';
import { showRequest, submitRequest } from './asking/request.ts';
import { showSent, submitCode } from './code.ts';
import { emails, events, limits, tokens } from './definitions.ts';
import { magicLinkMethod } from './entry.ts';
import { showLink, submitLink } from './link.ts';
import { magicLinkFaults, magicLinkSettings } from './settings.ts';
import { magicLinkWords } from './words.ts';

/** Signs people in by a mail, in the place of their password, where `MAGIC_LINK` is on. */
export const magicLink = defineFeature({
  name: 'magic-link',
  limits,
  events,
  settings: magicLinkSettings,
  settingFaults: magicLinkFaults,
  tables: [],
  emails,
  tokens,
  compose: (core) => {
    const isOn = core.settingsOf(magicLinkSettings).magicLink === 'on';
    const link = { position: 10, path: paths.signInLink, label: () => magicLinkWords.instead };
    return {
      signInMethods: [magicLinkMethod(core)],
      signInLinks: isOn ? [link] : [],
      routes: isOn ? routes(core) : [],
    };
  },
});

function routes(core: Core): readonly Route[] {
  const open = { access: 'public', limit: 'none' } as const;
  return [
    { method: 'GET', path: '/login/link', ...open, handle: showRequest(core) },
    { method: 'POST', path: '/login/link', ...open, handle: submitRequest(core) },
    { method: 'GET', path: '/login/link/sent', ...open, handle: showSent(core) },
    { method: 'POST', path: '/login/link/sent', ...open, handle: submitCode(core) },
    { method: 'GET', path: '/login/link/open', ...open, handle: showLink(core) },
    { method: 'POST', path: '/login/link/open', ...open, handle: submitLink(core) },
  ];
}
