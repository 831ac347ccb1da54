import { html } from 'hono/html';
import { DAY } from '../../platform/runtime/index.ts';
import {
  agoText,
  checkbox,
  csrfField,
  deviceName,
  deviceWords,
  type Html,
  momentText,
  timeOf,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import type { RememberedDevice } from './devices.ts';
import { choiceWords, listWords } from './words.ts';

/** The choice to have a browser not ask again, which is sent as `remember-device`. @param lifetime in milliseconds */
export function rememberDeviceField(words: Wording, lifetime: number, isChecked: boolean): Html {
  const { label, hint } = words(choiceWords);
  return checkbox({ name: 'remember-device', label: label(Math.ceil(lifetime / DAY)), hint, isChecked });
}

/** The remembered browsers of a user, each with a button of one form; nothing where there are none. */
export function rememberedList(
  words: Wording,
  { path, csrf }: { readonly path: string; readonly csrf: string },
  devices: readonly RememberedDevice[],
  now: number,
): Html | '' {
  if (devices.length === 0) return '';
  const text = words(listWords);
  return html`<h2>${text.title}</h2>
<p>${text.lead}</p>
<form method="post" action="${path}">${csrfField(csrf)}
<ul class="sessions card">
${devices.map((device) => item(words, device, now))}
</ul>
</form>`;
}

function item(words: Wording, device: RememberedDevice, now: number): Html {
  const text = words(listWords);
  const { browser, system } = deviceName(device.userAgent);
  const name = words(deviceWords).device(browser, system);
  const used = device.lastUsedAt === null ? text.never : agoText(words, device.lastUsedAt, now);
  const which = text.forgetWhich(name, momentText(words, device.createdAt));
  return html`<li>
<div class="heading"><h3>${name}</h3>${device.isThis ? html`<span class="badge">${text.isThis}</span>` : ''}</div>
<button type="submit" class="quiet" name="device" value="${device.id}">${text.forget}<span class="unseen"> ${which}</span></button>
<dl>
<div><dt>${text.since}</dt><dd>${timeOf(words, device.createdAt)}</dd></div>
<div><dt>${text.until}</dt><dd>${timeOf(words, device.expiresAt)}</dd></div>
<div><dt>${text.lastUsed}</dt><dd>${used}</dd></div>
</dl>
</li>`;
}
