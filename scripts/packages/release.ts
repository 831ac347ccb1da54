import { z } from 'zod';

export type Release = {
  /** The tag that names it, such as `v1.2.3`; null before there is one. */
  readonly tag: string | null;
  /** The texts of both manifests. */
  readonly manifest: string;
  readonly createManifest: string;
  readonly changelog: string;
};

const manifestOf = z.looseObject({
  version: z.string(),
  repository: z.object({ type: z.literal('git'), url: z.url(), directory: z.string().optional() }).optional(),
  homepage: z.url().optional(),
  bugs: z.object({ url: z.url() }).optional(),
});

/** What has to be corrected before the packages can be published. */
export function releaseFaults({ tag, manifest, createManifest, changelog }: Release): readonly string[] {
  const faults: string[] = [];
  const latchkey = manifestOf.parse(JSON.parse(manifest));
  const create = manifestOf.parse(JSON.parse(createManifest));
  const { version } = latchkey;
  if (create.version !== version)
    faults.push(`create-latchkey has version ${create.version}, latchkey ${version}`);
  if (tag !== null && tag !== `v${version}`) faults.push(`the tag is ${tag}, the version ${version}`);
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  if (!heading.test(changelog)) faults.push(`CHANGELOG.md has no dated section [${version}]`);
  for (const [name, { repository, homepage, bugs }] of Object.entries({
    latchkey,
    'create-latchkey': create,
  })) {
    // npm compares it with the repository that signs the provenance.
    if (repository === undefined) faults.push(`package.json of ${name} has no repository`);
    if (homepage === undefined) faults.push(`package.json of ${name} has no homepage`);
    if (bugs === undefined) faults.push(`package.json of ${name} has no bugs`);
  }
  return faults;
}
