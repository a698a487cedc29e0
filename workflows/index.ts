export { previewDeal } from './preview-deal.ts';
export { provisionDeal } from './provision-deal.ts';
