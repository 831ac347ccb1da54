import { z } from 'zod';

/** What the policy blocked, without anything that a user typed or that identifies one. */
export type Violation = {
  /** Which part of the policy. */
  readonly directive: string;
  /** The path of the page. */
  readonly page: string;
  /** A path of ours, another's origin, a scheme such as `data:`, or a word such as `inline`. */
  readonly blocked: string | null;
  /** The file of the cause, in the same form, and its line. */
  readonly source: string | null;
  readonly line: number | null;
};

const MOST_REPORTS = 10;
const LONGEST_PATH = 200;

/** Both forms in which browsers report: of CSP 2 (`report-uri`), and of the Reporting API (`report-to`). */
export function isReport(contentType: string | null): boolean {
  return /^application\/(?:csp-report|reports\+json)\s*(?:;|$)/i.test(contentType ?? '');
}

const text = z.string().optional();
const line = z.int().nonnegative().max(10_000_000).optional();

/** @see CSP3 §5.3 */
const reportOfCsp = z
  .object({
    'csp-report': z.object({
      'document-uri': z.string(),
      'effective-directive': text,
      'violated-directive': text,
      'blocked-uri': text,
      'source-file': text,
      'line-number': line,
    }),
  })
  .transform(({ 'csp-report': report }) => ({
    page: report['document-uri'],
    directive: report['effective-directive'] ?? report['violated-directive'] ?? '',
    blocked: report['blocked-uri'],
    source: report['source-file'],
    line: report['line-number'],
  }));

/** @see CSP3 §5.4; reports of other types are for others. */
const reportOfReportingApi = z
  .object({
    type: z.literal('csp-violation'),
    body: z.object({
      documentURL: z.string(),
      effectiveDirective: z.string(),
      blockedURL: z.string().nullish(),
      sourceFile: z.string().nullish(),
      lineNumber: line.nullable(),
    }),
  })
  .transform(({ body }) => ({
    page: body.documentURL,
    directive: body.effectiveDirective,
    blocked: body.blockedURL,
    source: body.sourceFile,
    line: body.lineNumber,
  }));

const anyReport = z.union([reportOfCsp, reportOfReportingApi]);

/** The violations in a report, as far as they are of this site's pages and can be understood. */
export function violationsIn(report: unknown, origin: string): readonly Violation[] {
  const reports = Array.isArray(report) ? report.slice(0, MOST_REPORTS) : [report];
  return reports.flatMap((one) => {
    const { data } = anyReport.safeParse(one);
    return data === undefined ? [] : (violation(data, origin) ?? []);
  });
}

function violation(report: z.infer<typeof anyReport>, origin: string): Violation | null {
  const page = URL.parse(report.page);
  // Firefox names the whole directive with its sources.
  const directive = /^[a-z-]{1,40}(?= |$)/.exec(report.directive)?.[0];
  if (page?.origin !== origin || directive === undefined) return null;
  return {
    directive,
    page: page.pathname.slice(0, LONGEST_PATH),
    blocked: placeOf(report.blocked, origin),
    source: placeOf(report.source, origin),
    line: report.line ?? null,
  };
}

// A query may hold a token, and the path of another site may identify a user. The parser has encoded what is not ASCII.
function placeOf(address: string | null | undefined, origin: string): string | null {
  const url = URL.parse(address ?? '');
  if (url === null) return /^[a-z-]{1,40}$/.exec(address ?? '')?.[0] ?? null;
  if (url.origin === origin) return url.pathname.slice(0, LONGEST_PATH);
  const isOfTheWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return (isOfTheWeb ? url.origin : url.protocol).slice(0, LONGEST_PATH);
}
