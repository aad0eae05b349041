export {
  formatByteProgress,
  formatBytes,
  formatClock,
  formatCount,
  formatMoment,
  formatNumber,
  formatRate,
  fraction,
} from './numbers.ts';
