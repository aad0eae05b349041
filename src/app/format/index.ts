export { formatByteProgress, formatBytes, formatClock, formatCount, formatRate, fraction } from './numbers.ts';
