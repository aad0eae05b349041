export { Hold } from './hold.ts';
export { type Seat, type SeatRequest, Seats } from './seats.ts';
