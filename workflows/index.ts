export { alertOperators } from './alert-operators.ts';
export { noteLag } from './note-lag.ts';
export { operateOnSeat } from './operate-on-seat.ts';
export { awaitSystem } from './parking/await-system.ts';
export { previewDeal } from './preview-deal.ts';
export { provisionDeal } from './provision-deal.ts';
export { sweepDeals } from './sweep-deals.ts';
