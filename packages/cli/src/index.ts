/** @dsm/cli: the `dsm` command, and the shapes of what it prints with `--json`. */
export type { CleanReport } from './commands/clean.js'
export type { DoctorReport } from './commands/doctor.js'
export type { PostgresReport } from './commands/pg.js'
export type { Console } from './console.js'
export type { Finding } from './doctor/finding.js'
export type { GroupReport, GroupsReport, LifeReport, SegmentReport } from './report.js'
export { run } from './run.js'
