/** The report as JSON text: keys in the order of declaration, numbers as JavaScript prints them, one final newline. */
import type { ScheduleReport } from './report.js';

export const renderJson = (report: ScheduleReport): string => `${JSON.stringify(report, null, 2)}\n`;
