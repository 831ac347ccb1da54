export { auditEvents, describeRecord, readDetails } from './events.ts';
export type { AuditRecord } from './record.ts';
export { createSeals, hex, type Link } from './seals.ts';
export { type AuditTables, hasOtherKeys, linksBefore, linksBehind, newestLinks } from './store.ts';
export { type AuditTrail, type AuditTrailParts, createAuditTrail } from './trail.ts';
export { type Mark, type Verification, verifyChain } from './verify.ts';
