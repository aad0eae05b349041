export { countRequest, type RequestReason, type RequestTotal, readRequests } from './request-log.ts';
