import { redirect } from '@sveltejs/kit';
import { signedIn } from 'latchkey/sveltekit';
import { latchkey } from '../../auth.server.ts';
import { addNote, notesOf } from '../../notes.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => {
  const { user, session } = signedIn(locals);
  return { username: user.username, notes: notesOf(user.id), csrf: latchkey().csrfToken(session) };
};

export const actions: Actions = {
  default: async ({ locals, request }) => {
    addNote(signedIn(locals).user.id, (await request.formData()).get('text'));
    redirect(303, '/notes');
  },
};
