import { auth } from '../auth';

export default async function Home() {
  const signedIn = await auth();
  if (signedIn === null)
    return (
      <p>
        You are signed out. <a href="/auth/login?next=%2Fnotes">Sign in</a>
      </p>
    );
  return (
    <p>
      {`Hello, ${signedIn.user.username}!`} <a href="/notes">Your notes</a>
    </p>
  );
}
