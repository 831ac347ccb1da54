'use server';

import { redirect } from 'next/navigation';
import { admit, signOut } from '../../auth';
import { addNote } from '../../notes';

export async function add(form: FormData) {
  const { user } = await admit({ next: '/notes' });
  addNote(user.id, form.get('text'));
  redirect('/notes');
}

export async function leave() {
  await signOut();
}
