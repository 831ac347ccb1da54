import type { ChangeNotice } from '../../../auth/credential-change.ts';
import { paths } from '../../../auth/paths.ts';

/** The notice to the owner of an account that an identity was connected or disconnected. */
export function connectionNotice(change: 'added' | 'removed', label: string): ChangeNotice {
  return ({ username, occasion }) => {
    const what = { change, credential: 'connection', label } as const;
    return { name: 'credential-changed', username, page: paths.forgotPassword, occasion, ...what };
  };
}
